import type { Chroma, VideoFormat } from '../frame.ts'
import { type BitReader, createBitReader } from './bit-reader.ts'

const syncCode = 0x498342

export interface Size {
  width: number
  height: number
}

/** The sizes of the eight frames that a decoder keeps for reference; a later frame may take its size from them. */
export type ReferenceSizes = (Size | undefined)[]

/** Where the uncompressed header of a frame says what (VP9 specification, section 6.2). */
export interface Vp9Header extends Size {
  isKey: boolean
  isShown: boolean
  /** Set on key frames. */
  format?: VideoFormat
  /** The frames that this one replaces, a bit for each. */
  refreshed: number
  isErrorResilient: boolean
  /** Bit behind `show_frame` and `error_resilient_mode`; what a hidden frame says more than a shown one comes here. */
  flagsEndAt: number
  /** Bit behind the size, where the fields of the coding begin. */
  sizeEndsAt: number
}

/** Reads a frame's header; undefined when it is none, shows an old frame anew, or takes its size from a frame we do not know. */
export function readVp9Header(frame: Buffer, references: ReferenceSizes): Vp9Header | undefined {
  const reader = createBitReader(frame)
  if (reader.bits(2) !== 2) return undefined
  const profile = reader.bits(1) + reader.bits(1) * 2
  if (profile === 3 && reader.flag()) return undefined
  const showsExisting = reader.flag()
  if (showsExisting) return undefined
  const isKey = !reader.flag()
  const isShown = reader.flag()
  const isErrorResilient = reader.flag()
  const shared = { isKey, isShown, isErrorResilient, flagsEndAt: reader.position }
  const end = (size: Size | undefined, refreshed: number, format?: VideoFormat) =>
    size && !reader.isPastEnd
      ? { ...shared, ...size, refreshed, sizeEndsAt: reader.position, ...(format && { format }) }
      : undefined

  if (isKey) {
    if (reader.bits(24) !== syncCode) return undefined
    const format = readFormat(reader, profile)
    return end(readSize(reader), 0xff, format)
  }
  const isIntraOnly = isShown ? false : reader.flag()
  if (!isErrorResilient) reader.skip(2)
  if (isIntraOnly) {
    if (reader.bits(24) !== syncCode) return undefined
    if (profile > 0) readFormat(reader, profile)
    const refreshed = reader.bits(8)
    return end(readSize(reader), refreshed)
  }
  const refreshed = reader.bits(8)
  const slots = [0, 1, 2].map(() => {
    const slot = reader.bits(3)
    reader.skip(1)
    return slot
  })
  const found = slots.find(() => reader.flag())
  if (found === undefined) return end(readSize(reader), refreshed)
  skipRenderSize(reader)
  return end(references[found], refreshed)
}

/** The sizes of reference frames after this frame. */
export const referencesAfter = (references: ReferenceSizes, header: Vp9Header): ReferenceSizes =>
  Array.from({ length: 8 }, (_, slot) =>
    (header.refreshed >> slot) & 1 ? { width: header.width, height: header.height } : references[slot],
  )

function readSize(reader: BitReader): Size {
  const size = { width: reader.bits(16) + 1, height: reader.bits(16) + 1 }
  skipRenderSize(reader)
  return size
}

/** The size to show a frame at is a hint that no decoder follows. */
function skipRenderSize(reader: BitReader): void {
  if (reader.flag()) reader.skip(32)
}

function readFormat(reader: BitReader, profile: number): VideoFormat {
  const bitDepth = profile < 2 ? 8 : reader.flag() ? 12 : 10
  const space = reader.bits(3)
  const isRgb = space === 7
  const isFullRange = isRgb || reader.flag()
  let chroma: Chroma = isRgb ? '4:4:4' : '4:2:0'
  if (profile & 1) {
    if (!isRgb) chroma = chromaOf(reader.flag(), reader.flag())
    reader.skip(1)
  }
  const matrix = [undefined, 6, 1, 6, 7, 9, undefined, 0][space]
  return { chroma, bitDepth, ...(matrix !== undefined && { colour: { matrix, isFullRange } }) }
}

function chromaOf(isHalvedAcross: boolean, isHalvedDown: boolean): Chroma {
  if (isHalvedAcross) return isHalvedDown ? '4:2:0' : '4:2:2'
  return isHalvedDown ? '4:4:0' : '4:4:4'
}
