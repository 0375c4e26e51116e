import type { Whole } from './whole-part.ts'

const segment = 0x18538067
const cluster = 0x1f43b675
const clusterTimestamp = 0xe7
const simpleBlock = 0xa3
/** How long the last frame is taken to last, at most. */
const longestFrameMs = 200

/** The whole blocks of a Matroska file whose segment and clusters are of unknown size; undefined when there is none. */
export function wholeMatroska(file: Buffer): Whole | undefined {
  let clusterMs = 0
  let frame: { endAt: number; timeMs: number; lastsMs: number } | undefined
  for (let at = 0; ; ) {
    const element = readElement(file, at)
    if (!element) break
    const { id, bodyAt, sizeBytes } = element
    // What is in these stands at their own level as far as reading on is concerned.
    const endAt = id === segment || id === cluster ? bodyAt : bodyAt + sizeBytes
    if (endAt > file.length) break
    if (id === clusterTimestamp) clusterMs = file.readUIntBE(bodyAt, Math.min(6, sizeBytes))
    if (id === simpleBlock) {
      const timeMs = clusterMs + file.readInt16BE(bodyAt + 1)
      const lastsMs = frame ? timeMs - frame.timeMs : 0
      frame =
        !frame || lastsMs > 0
          ? { endAt, timeMs, lastsMs: Math.min(lastsMs, longestFrameMs) }
          : { ...frame, endAt }
    }
    at = endAt
  }
  return frame && { sizeBytes: frame.endAt, untilMs: frame.timeMs + frame.lastsMs }
}

function readElement(file: Buffer, at: number) {
  const idBytes = vintBytes(file[at])
  const length = vintBytes(file[at + idBytes])
  const bodyAt = at + idBytes + length
  if (idBytes === 0 || length === 0 || idBytes > 4 || bodyAt > file.length) return undefined
  const id = file.readUIntBE(at, idBytes)
  let sizeBytes = (file[at + idBytes] as number) & (0xff >> length)
  for (const byte of file.subarray(at + idBytes + 1, bodyAt)) sizeBytes = sizeBytes * 256 + byte
  return { id, bodyAt, sizeBytes }
}

/** Bytes of a number whose first byte tells them; 0 for none. */
const vintBytes = (first = 0) => (first === 0 ? 0 : Math.clz32(first) - 23)
