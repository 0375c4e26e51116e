/** Bytes of a file; `end` is the first that is not in it any more. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * What a Range header asks of a file of this size (RFC 9110, 14). What cannot be read is as if it were not there, and
 * several ranges at once are answered by the whole: players ask for one, and many small ones are how servers are worn out.
 */
export function readRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const [, set] = /^bytes=(.*)$/i.exec(header ?? '') ?? []
  const specs = (set ?? '')
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '')
  const [, first = '', last = ''] = (specs.length === 1 && /^(\d*)-(\d*)$/.exec(specs[0] ?? '')) || []
  if (first === '' && last === '') return 'whole'
  return first === '' ? lastBytes(Number(last), sizeBytes) : fromTo(Number(first), last, sizeBytes)
}

function lastBytes(count: number, sizeBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (count === 0) return 'unsatisfiable'
  // The last bytes of nothing are all there is, for which Content-Range has no form.
  return sizeBytes === 0 ? 'whole' : { start: Math.max(0, sizeBytes - count), end: sizeBytes }
}

function fromTo(first: number, last: string, sizeBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (last !== '' && Number(last) < first) return 'whole'
  if (first >= sizeBytes) return 'unsatisfiable'
  return { start: first, end: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) }
}
