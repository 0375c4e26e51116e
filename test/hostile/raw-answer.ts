/** One HTTP answer as it stood on the wire. */
export interface RawAnswer {
  status: number
  /** Names in lower case; of repeated headers the last. */
  headers: Record<string, string>
  body: string
}

/**
 * The complete answers at the start of what a server sent; what follows an incomplete one is left out. Every answer
 * of ours says how long it is, so chunks are not read here.
 */
export function readAnswers(received: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = received
  while (rest.length > 0) {
    const read = readAnswer(rest)
    if (!read) break
    answers.push(read.answer)
    rest = rest.subarray(read.length)
  }
  return answers
}

function readAnswer(bytes: Buffer): { answer: RawAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1])
  if (!status) throw new Error(`this is no HTTP answer: ${JSON.stringify(statusLine)}`)
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const bodyLength = status < 200 || status === 204 ? 0 : Number(headers['content-length'])
  if (Number.isNaN(bodyLength)) throw new Error(`the answer ${statusLine} does not say how long it is`)
  const length = end + 4 + bodyLength
  if (bytes.length < length) return undefined
  return { answer: { status, headers, body: bytes.toString('utf8', end + 4, length) }, length }
}
