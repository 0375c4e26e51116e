/** An event of a stream. */
interface ServerSentEvent {
  /** The last `id` field so far. */
  id: string | undefined
  type: string
  data: string
}

/** Reads server-sent events (HTML standard, 9.2.6) from bytes that are cut anywhere. */
export function createEventParser() {
  // It drops a byte order mark at the beginning, as the standard wants it.
  const decoder = new TextDecoder()
  let text = ''
  let endedWithReturn = false
  let id: string | undefined
  let lastEventId: string | undefined
  let type = ''
  let data: string[] = []

  function readLine(line: string): ServerSentEvent | undefined {
    if (line === '') {
      lastEventId = id
      const event = data.length > 0 ? { id, type: type || 'message', data: data.join('\n') } : undefined
      type = ''
      data = []
      return event
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') type = value
    else if (field === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return {
    /** Where to go on from: the id of what has come whole, which need not have been an event. */
    get lastEventId() {
      return lastEventId
    },

    /** Takes the next bytes; gives the events that they complete. */
    push(bytes: Uint8Array): ServerSentEvent[] {
      let chunk = decoder.decode(bytes, { stream: true })
      if (chunk === '') return []
      // A line break of two characters may be cut in the middle.
      if (endedWithReturn && chunk.startsWith('\n')) chunk = chunk.slice(1)
      endedWithReturn = chunk.endsWith('\r')
      const lines = (text + chunk).split(/\r\n|\r|\n/)
      text = lines.pop() ?? ''
      return lines.flatMap((line) => readLine(line) ?? [])
    },
  }
}
