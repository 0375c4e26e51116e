import type { Chroma, Colour, VideoFormat } from '../frame.ts'
import { type Av1Unit, joinAv1Units } from './av1-unit.ts'
import { type BitReader, createBitReader } from './bit-reader.ts'

/** What a sequence header says of the pictures (AV1 specification, section 5.5). */
export interface Av1Sequence {
  width: number
  height: number
  isReducedStillPicture: boolean
  /** Whether a picture may consist of spatial layers. */
  isLayered: boolean
  format: VideoFormat
}

/** Undefined when it is cut short. */
export function readAv1Sequence(unit: Av1Unit): Av1Sequence | undefined {
  const reader = createBitReader(unit.payload)
  const profile = reader.bits(3)
  reader.skip(1)
  const isReducedStillPicture = reader.flag()
  const { level, tier, isLayered } = isReducedStillPicture
    ? { level: reader.bits(5), tier: 0, isLayered: false }
    : readOperatingPoints(reader)
  const widthBits = reader.bits(4) + 1
  const heightBits = reader.bits(4) + 1
  const width = reader.bits(widthBits) + 1
  const height = reader.bits(heightBits) + 1
  skipTools(reader, isReducedStillPicture)
  const colours = readColours(reader, profile)
  if (reader.isPastEnd) return undefined
  const { chroma, bitDepth, colour, flags } = colours
  const codecPrivate = Buffer.concat([
    Buffer.from([0x81, (profile << 5) | level, (tier << 7) | flags, 0]),
    joinAv1Units([unit]),
  ])
  const format = { codecPrivate, chroma, bitDepth, ...(colour && { colour }) }
  return { width, height, isReducedStillPicture, isLayered, format }
}

/** Level and tier of the first operating point, which is the whole stream. */
function readOperatingPoints(reader: BitReader) {
  let delayBits = 0
  if (reader.flag()) {
    reader.skip(64)
    if (reader.flag()) reader.unsigned()
    if (reader.flag()) {
      delayBits = reader.bits(5) + 1
      reader.skip(42)
    }
  }
  const hasDisplayDelay = reader.flag()
  const points = reader.bits(5) + 1
  let first = { level: 0, tier: 0, isLayered: false }
  for (let point = 0; point < points; point++) {
    const isLayered = reader.bits(12) >> 8 > 1
    const level = reader.bits(5)
    const tier = level > 7 ? reader.bits(1) : 0
    if (point === 0) first = { level, tier, isLayered }
    if (delayBits > 0 && reader.flag()) reader.skip(2 * delayBits + 1)
    if (hasDisplayDelay && reader.flag()) reader.skip(4)
  }
  return first
}

function skipTools(reader: BitReader, isReducedStillPicture: boolean): void {
  if (!isReducedStillPicture && reader.flag()) reader.skip(7)
  reader.skip(3)
  if (!isReducedStillPicture) {
    reader.skip(4)
    const hasOrderHint = reader.flag()
    if (hasOrderHint) reader.skip(2)
    const screenContent = reader.flag() ? 2 : reader.bits(1)
    if (screenContent > 0 && !reader.flag()) reader.skip(1)
    if (hasOrderHint) reader.skip(3)
  }
  reader.skip(3)
}

/** Colour, with the bits in which the configuration record repeats it. */
function readColours(reader: BitReader, profile: number) {
  const isHigh = reader.flag()
  const isTwelve = profile === 2 && isHigh && reader.flag()
  const bitDepth = isTwelve ? 12 : isHigh ? 10 : 8
  const isGrey = profile !== 1 && reader.flag()
  const description = reader.flag()
    ? { primaries: reader.bits(8), transfer: reader.bits(8), matrix: reader.bits(8) }
    : undefined
  const isRgb =
    !isGrey && description?.primaries === 1 && description.transfer === 13 && description.matrix === 0
  const isFullRange = isRgb || reader.flag()
  const [acrossHalved, downHalved] = isRgb
    ? [0, 0]
    : isGrey
      ? [1, 1]
      : readSubsampling(reader, profile, isTwelve)
  const position = !isGrey && !isRgb && acrossHalved && downHalved ? reader.bits(2) : 0
  const chroma: Chroma = isGrey ? '4:0:0' : downHalved ? '4:2:0' : acrossHalved ? '4:2:2' : '4:4:4'
  const colour: Colour | undefined = description && { ...description, isFullRange }
  const flags =
    (Number(isHigh) << 6) |
    (Number(isTwelve) << 5) |
    (Number(isGrey) << 4) |
    (acrossHalved << 3) |
    (downHalved << 2) |
    position
  return { chroma, bitDepth, colour, flags }
}

function readSubsampling(reader: BitReader, profile: number, isTwelve: boolean): [number, number] {
  if (profile === 0) return [1, 1]
  if (profile === 1) return [0, 0]
  if (!isTwelve) return [1, 0]
  const across = reader.bits(1)
  return [across, across ? reader.bits(1) : 0]
}
