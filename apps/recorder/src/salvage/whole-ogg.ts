import type { Whole } from './whole-part.ts'

const headBytes = 27
/** The pages of the headers, which no sound is in. */
const headerPages = 2
/** What every decoder throws away at the start; what it throws away beyond that stands before the file's own sound. */
const codecDelay = 312
const preSkipAt = 10

/** The whole pages of an Ogg file of Opus; undefined when there is no sound. */
export function wholeOgg(file: Buffer): Whole | undefined {
  let whole: Whole | undefined
  let ahead = 0
  for (let at = 0, pages = 1; file.toString('latin1', at, at + 4) === 'OggS'; pages++) {
    const bodyAt = at + headBytes + (file[at + 26] ?? 0)
    if (bodyAt > file.length) break
    const endAt = file.subarray(at + headBytes, bodyAt).reduce((end, segment) => end + segment, bodyAt)
    if (endAt > file.length) break
    const granule = Number(file.readBigInt64LE(at + 6))
    if (pages === 1 && endAt >= bodyAt + preSkipAt + 2)
      ahead = file.readUInt16LE(bodyAt + preSkipAt) - codecDelay
    if (pages > headerPages) whole = { sizeBytes: endAt, untilMs: (granule - ahead) / 48 }
    at = endAt
  }
  return whole
}
