import { createBitReader } from './bit-reader.ts'
import { leb128, readLeb128 } from './leb128.ts'

/** Types of the units that AV1 is made of (OBUs, section 6.2.2). */
export const av1Types = { sequence: 1, delimiter: 2, frameHeader: 3, tileGroup: 4, metadata: 5, frame: 6 }

/** A unit of AV1, apart from its length, which RTP and files state in different ways. */
export interface Av1Unit {
  type: number
  /** The first byte, without the flag that says that a length follows, and the extension if there is one. */
  header: Buffer
  payload: Buffer
}

/** Undefined when it is no unit, or shorter than it says. */
export function readAv1Unit(bytes: Buffer): Av1Unit | undefined {
  const first = bytes[0]
  if (first === undefined || first & 0x80) return undefined
  const headerLength = first & 4 ? 2 : 1
  if (bytes.length < headerLength) return undefined
  const header = Buffer.from(bytes.subarray(0, headerLength))
  header[0] = first & ~2
  const type = (first >> 3) & 15
  if ((first & 2) === 0) return { type, header, payload: bytes.subarray(headerLength) }
  const size = readLeb128(bytes, headerLength)
  if (!size || size.end + size.value > bytes.length) return undefined
  return { type, header, payload: bytes.subarray(size.end, size.end + size.value) }
}

/** Units with their lengths, as files have them. */
export const joinAv1Units = (units: Av1Unit[]): Buffer =>
  Buffer.concat(
    units.flatMap(({ header, payload }) => {
      const sized = Buffer.from(header)
      sized[0] = (sized[0] as number) | 2
      return [sized, leb128(payload.length), payload]
    }),
  )

/** Whether a frame is one that a decoder can start at: a key frame that is shown. */
export function isAv1KeyFrame({ payload }: Av1Unit, isStillPicture: boolean): boolean {
  if (isStillPicture) return true
  const reader = createBitReader(payload)
  return !reader.flag() && reader.bits(2) === 0 && reader.flag()
}
