import type { Chroma, Colour, VideoFormat } from '../frame.ts'
import { type BitReader, createBitReader } from './bit-reader.ts'

/** What a sequence parameter set says of the pictures (H.264, section 7.3.2.1). */
export interface H264Sequence extends Pick<VideoFormat, 'chroma' | 'bitDepth' | 'colour'> {
  id: number
  width: number
  height: number
  bitDepthChroma: number
  /** Whether its profile is one whose configuration record names chroma and bit depth. */
  isHigh: boolean
}

const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
const chromas: Chroma[] = ['4:0:0', '4:2:0', '4:2:2', '4:4:4']
const largestSide = 16_384

/** Reads a sequence parameter set with its NAL header; undefined when it is cut short or beyond all measure. */
export function readH264Sequence(unit: Buffer): H264Sequence | undefined {
  const reader = createBitReader(withoutEmulation(unit))
  reader.skip(8)
  const profile = reader.bits(8)
  reader.skip(16)
  const id = reader.unsigned()
  const isHigh = highProfiles.has(profile)
  const { chroma, isSeparate, bitDepth, bitDepthChroma } = isHigh ? readHigh(reader) : main
  reader.unsigned()
  skipPictureOrder(reader)
  reader.unsigned()
  reader.skip(1)
  const macroblocksAcross = reader.unsigned() + 1
  const unitsDown = reader.unsigned() + 1
  const fields = reader.flag() ? 1 : 2
  if (fields === 2) reader.skip(1)
  reader.skip(1)
  const [left = 0, right = 0, top = 0, bottom = 0] = reader.flag()
    ? [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()]
    : []
  const across = !isSeparate && (chroma === '4:2:0' || chroma === '4:2:2') ? 2 : 1
  const down = (!isSeparate && chroma === '4:2:0' ? 2 : 1) * fields
  const width = macroblocksAcross * 16 - (left + right) * across
  const height = unitsDown * 16 * fields - (top + bottom) * down
  const isWithin = (side: number) => side > 0 && side <= largestSide
  if (reader.isPastEnd || id > 31 || !isWithin(width) || !isWithin(height)) return undefined
  const colour = reader.flag() ? readColour(reader) : undefined
  return { id, width, height, chroma, bitDepth, bitDepthChroma, isHigh, ...(colour && { colour }) }
}

const main = { chroma: '4:2:0' as Chroma, isSeparate: false, bitDepth: 8, bitDepthChroma: 8 }

function readHigh(reader: BitReader): typeof main {
  const format = reader.unsigned()
  const isSeparate = format === 3 && reader.flag()
  const bitDepth = reader.unsigned() + 8
  const bitDepthChroma = reader.unsigned() + 8
  reader.skip(1)
  const lists = reader.flag() ? (format === 3 ? 12 : 8) : 0
  for (let list = 0; list < lists; list++) if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64)
  return { chroma: chromas[format] ?? '4:2:0', isSeparate, bitDepth, bitDepthChroma }
}

function skipScalingList(reader: BitReader, size: number): void {
  let next = 8
  for (let index = 0; index < size && next !== 0; index++) next = (next + reader.signed() + 256) % 256
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.unsigned()
  if (type === 0) reader.unsigned()
  if (type !== 1) return
  reader.skip(1)
  reader.signed()
  reader.signed()
  const cycle = Math.min(reader.unsigned(), 255)
  for (let frame = 0; frame < cycle; frame++) reader.signed()
}

/** Colour as the usability information names it, if it does. */
function readColour(reader: BitReader): Colour | undefined {
  if (reader.flag() && reader.bits(8) === 255) reader.skip(32)
  if (reader.flag()) reader.skip(1)
  if (!reader.flag()) return undefined
  reader.skip(3)
  const isFullRange = reader.flag()
  const description = reader.flag()
    ? { primaries: reader.bits(8), transfer: reader.bits(8), matrix: reader.bits(8) }
    : {}
  return reader.isPastEnd ? undefined : { ...description, isFullRange }
}

/** Bytes without the threes that keep start codes out of them. */
function withoutEmulation(unit: Buffer): Buffer {
  const plain: number[] = []
  let zeros = 0
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    plain.push(byte)
  }
  return Buffer.from(plain)
}
