import { h264Configuration } from '../bitstream/h264-configuration.ts'
import { type H264Sequence, readH264Sequence } from '../bitstream/h264-sequence.ts'
import { readPictureIds, readSliceHead, typeOf, unitTypes } from '../bitstream/h264-units.ts'
import type { VideoFormat } from '../frame.ts'

const largestSetBytes = 4096
const mostPictureSets = 255

/** What the key frame needs that the stream gave earlier. */
export interface H264Parameters {
  /** The parameter sets, to stand before the key frame's slices. */
  units: Buffer[]
  width: number
  height: number
  format: VideoFormat
}

/** Keeps the parameter sets, which a stream may give only once, by their ids. */
export function createH264Parameters() {
  const sequences = new Map<number, { unit: Buffer; sequence: H264Sequence }>()
  const pictures = new Map<number, { unit: Buffer; sequenceId: number }>()

  return {
    keep(received: Buffer): void {
      if (received.length > largestSetBytes) return
      // A copy, so that what is kept does not hold the packet's memory.
      const unit = Buffer.from(received)
      if (typeOf(unit) === unitTypes.sequence) {
        const sequence = readH264Sequence(unit)
        if (sequence) sequences.set(sequence.id, { unit, sequence })
      } else if (typeOf(unit) === unitTypes.picture) {
        const ids = readPictureIds(unit)
        if (ids) pictures.set(ids.id, { unit, sequenceId: ids.sequenceId })
      }
    },

    /** What the slices of a key frame refer to; undefined when it is not known. */
    of(slice: Buffer): H264Parameters | undefined {
      const sequenceId = pictures.get(readSliceHead(slice)?.pictureId ?? -1)?.sequenceId
      const active = sequences.get(sequenceId ?? -1)
      if (!active) return undefined
      const pictureSets = [...pictures.values()]
        .filter((picture) => picture.sequenceId === sequenceId)
        .map(({ unit }) => unit)
        .slice(0, mostPictureSets)
      const { width, height, chroma, bitDepth, colour } = active.sequence
      const codecPrivate = h264Configuration(active.sequence, active.unit, pictureSets)
      const format = { codecPrivate, chroma, bitDepth, ...(colour && { colour }) }
      return { units: [active.unit, ...pictureSets], width, height, format }
    },
  }
}
