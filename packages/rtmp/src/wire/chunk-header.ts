import type { ByteQueue } from './byte-queue.ts'

export interface ChunkHeader {
  format: 0 | 1 | 2 | 3
  chunkStreamId: number
  /** Of the header's own fields, those that its format has. Time is absolute in format 0, a difference in 1 and 2. */
  timestamp?: number
  length?: number
  type?: number
  streamId?: number
  /** Whether the time took the four bytes after the header. */
  isExtended: boolean
  bytes: number
}

const fieldBytes = [11, 7, 3, 0]
const extendedMark = 0xffffff

/**
 * Reads the header of a chunk (RTMP 1.0, section 5.3.1) without taking it; undefined when more bytes are needed.
 * `extendedOf`: the extended time of the last chunk of that stream, if it had one.
 */
export function peekChunkHeader(
  input: ByteQueue,
  extendedOf: (chunkStreamId: number) => number | undefined,
): ChunkHeader | undefined {
  const basic = peekBasicHeader(input)
  if (!basic) return undefined
  const { format, chunkStreamId } = basic
  const bytes = basic.bytes + (fieldBytes[format] as number)
  const view = input.peek(bytes)
  if (!view) return undefined
  const header: ChunkHeader = { format, chunkStreamId, isExtended: false, bytes }
  if (format === 3) return withRepeatedTime(header, input, extendedOf(chunkStreamId))
  header.timestamp = view.readUIntBE(basic.bytes, 3)
  if (format < 2) {
    header.length = view.readUIntBE(basic.bytes + 3, 3)
    header.type = view.readUInt8(basic.bytes + 6)
  }
  if (format === 0) header.streamId = view.readUInt32LE(basic.bytes + 7)
  if (header.timestamp !== extendedMark) return header
  const extended = input.peek(bytes + 4)
  if (!extended) return undefined
  return { ...header, timestamp: extended.readUInt32BE(bytes), isExtended: true, bytes: bytes + 4 }
}

function peekBasicHeader(input: ByteQueue) {
  const first = input.peek(1)?.[0]
  if (first === undefined) return undefined
  const format = (first >> 6) as ChunkHeader['format']
  const short = first & 63
  if (short > 1) return { format, chunkStreamId: short, bytes: 1 }
  const bytes = short === 0 ? 2 : 3
  const view = input.peek(bytes)
  if (!view) return undefined
  const chunkStreamId = 64 + view.readUInt8(1) + (short === 1 ? view.readUInt8(2) * 256 : 0)
  return { format, chunkStreamId, bytes }
}

/** The standard repeats an extended time in format 3, and some encoders do not: it is one when it says the same. */
function withRepeatedTime(
  header: ChunkHeader,
  input: ByteQueue,
  extended: number | undefined,
): ChunkHeader | undefined {
  if (extended === undefined) return header
  const view = input.peek(header.bytes + 4)
  if (!view) return undefined
  const isRepeated = view.readUInt32BE(header.bytes) === extended
  return isRepeated ? { ...header, isExtended: true, bytes: header.bytes + 4 } : header
}
