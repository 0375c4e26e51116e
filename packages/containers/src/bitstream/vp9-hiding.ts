import { type BitReader, createBitReader } from './bit-reader.ts'
import type { Vp9Header } from './vp9-header.ts'

/**
 * Turns a shown frame into one that is decoded and not shown.
 *
 * Each spatial layer of a picture is a frame that says it is to be shown. A decoder of calls shows only the last one of a
 * superframe; one of files, ffmpeg's and Firefox's among them, shows each, or the smallest. So the lower ones are hidden. Their
 * coded picture stays as it is, and nothing is predicted otherwise, provided that the frame behind has another size: motion
 * vectors of a shown frame are used again only in a frame of the same size.
 */
export function hideVp9Frame(frame: Buffer, header: Vp9Header): Buffer {
  const showAt = header.flagsEndAt - 2
  if (header.isKey) {
    const hidden = Buffer.from(frame)
    hidden[showAt >> 3] = (hidden[showAt >> 3] as number) & ~(0x80 >> (showAt & 7))
    return hidden
  }
  // A hidden frame says one thing more: that it is not intra only.
  const headerBits = uncompressedHeaderEnd(frame, header)
  const reader = createBitReader(frame)
  const rewritten = Buffer.alloc(Math.ceil((headerBits + 1) / 8))
  let position = 0
  const put = (bit: number) => {
    rewritten[position >> 3] = (rewritten[position >> 3] as number) | (bit << (7 - (position & 7)))
    position++
  }
  while (reader.position < headerBits) {
    const at = reader.position
    if (at === header.flagsEndAt) put(0)
    put(at === showAt ? reader.bits(1) * 0 : reader.bits(1))
  }
  return Buffer.concat([rewritten, frame.subarray(Math.ceil(headerBits / 8))])
}

/** The bit at which the header of a frame between others ends; the rest of its last byte is padding. */
function uncompressedHeaderEnd(frame: Buffer, header: Vp9Header): number {
  const reader = createBitReader(frame)
  reader.skip(header.sizeEndsAt)
  reader.skip(1)
  if (!reader.flag()) reader.skip(2)
  if (!header.isErrorResilient) reader.skip(2)
  reader.skip(2)
  skipLoopFilter(reader)
  reader.skip(8)
  for (let plane = 0; plane < 3; plane++) skipWhereSet(reader, 5)
  skipSegmentation(reader)
  skipTiles(reader, header.width)
  reader.skip(16)
  return reader.position
}

function skipLoopFilter(reader: BitReader): void {
  reader.skip(9)
  if (!reader.flag() || !reader.flag()) return
  for (let delta = 0; delta < 6; delta++) skipWhereSet(reader, 7)
}

function skipSegmentation(reader: BitReader): void {
  if (!reader.flag()) return
  if (reader.flag()) {
    for (let node = 0; node < 7; node++) skipWhereSet(reader, 8)
    if (reader.flag()) for (let node = 0; node < 3; node++) skipWhereSet(reader, 8)
  }
  if (!reader.flag()) return
  reader.skip(1)
  for (let segment = 0; segment < 8; segment++)
    for (const valueBits of [9, 7, 2, 0]) skipWhereSet(reader, valueBits)
}

function skipTiles(reader: BitReader, width: number): void {
  const blocks = Math.ceil(width / 64)
  let log2 = 0
  while (64 << log2 < blocks) log2++
  while (blocks >> (log2 + 1) >= 4 && reader.flag()) log2++
  if (reader.flag()) reader.skip(1)
}

function skipWhereSet(reader: BitReader, bits: number): void {
  if (reader.flag()) reader.skip(bits)
}
