import { createBitReader } from './bit-reader.ts'

/** Types of the units that H.264 is made of (NAL units, table 7-1). */
export const unitTypes = {
  slice: 1,
  partitionA: 2,
  keySlice: 5,
  sequence: 7,
  picture: 8,
  delimiter: 9,
  filler: 12,
}

export const typeOf = (unit: Buffer) => (unit[0] ?? 0) & 31

export const isSlice = (unit: Buffer) => typeOf(unit) >= unitTypes.slice && typeOf(unit) <= unitTypes.keySlice

/** What the head of a slice says; undefined when it is cut short. */
export function readSliceHead(unit: Buffer): { isFirst: boolean; pictureId: number } | undefined {
  const reader = createBitReader(unit.subarray(1, 24))
  const isFirst = reader.unsigned() === 0
  reader.unsigned()
  const pictureId = reader.unsigned()
  return reader.isPastEnd ? undefined : { isFirst, pictureId }
}

/** The ids of a picture parameter set and of the sequence that it belongs to; undefined when it is cut short. */
export function readPictureIds(unit: Buffer): { id: number; sequenceId: number } | undefined {
  const reader = createBitReader(unit.subarray(1, 16))
  const id = reader.unsigned()
  const sequenceId = reader.unsigned()
  return reader.isPastEnd || id > 255 || sequenceId > 31 ? undefined : { id, sequenceId }
}

/** Units with their lengths before them, as Matroska and MP4 have them. */
export function joinUnits(units: Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(unit.length)
      return [length, unit]
    }),
  )
}
