import type { MediaFrame, VideoCodec, VideoFormat } from '../frame.ts'
import type { Append, TrackWriter, WriteResult } from '../writer.ts'
import { element, ids, openElement } from './ebml.ts'
import { matroskaHeader, trackNumber } from './header.ts'

const longestClusterMs = 1000
const furthestBeforeClusterMs = 0x8000
const keyFrameFlag = 0x80

export interface MatroskaOptions {
  codec: VideoCodec
  append: Append
}

/**
 * Writes a Matroska file (RFC 9559) as it is written live: a segment and clusters of unknown size, each frame a block with its
 * time from the recording's start. A key frame begins a cluster, so the header and the bytes from any key frame on are a file
 * as well.
 *
 * Later key frames may have another size: VP8, VP9 and AV1 say it in the frame, and for H.264 the parameter sets stand before
 * each key frame, since a file for each layer that a call switches to would leave a heap of them. What no decoder changes in
 * passing is the chroma and the bit depth; then it is `incompatible`.
 */
export function createMatroskaWriter({ codec, append }: MatroskaOptions): TrackWriter {
  let format: VideoFormat | undefined
  let lastMs: number | undefined
  let clusterMs = 0
  let sizeBytes = 0
  let isClosed = false

  function emit(...parts: Buffer[]): void {
    const bytes = Buffer.concat(parts)
    sizeBytes += bytes.length
    append(bytes)
  }

  function startCluster(time: number): Buffer[] {
    clusterMs = time
    return [openElement(ids.cluster), element(ids.timestamp, time)]
  }

  function block(frame: MediaFrame, time: number): Buffer {
    const head = Buffer.from([0x80 | trackNumber, 0, 0, frame.isKey ? keyFrameFlag : 0])
    head.writeInt16BE(time - clusterMs, 1)
    return element(ids.simpleBlock, [head, frame.data])
  }

  return {
    write(frame, timeMs): WriteResult {
      if (isClosed) return 'skipped'
      const rounded = Math.max(0, Math.round(timeMs))
      // Where LiveKit switches layers, a frame of each follows within a millisecond; programs complain of equal times.
      const time = rounded === lastMs ? rounded + 1 : rounded
      const isFirst = format === undefined
      if (!format) {
        if (!frame.format || !frame.width || !frame.height) return 'skipped'
        format = frame.format
        const { width, height } = frame
        emit(matroskaHeader({ codec, width, height, format }))
      } else if (frame.format && !isCompatible(format, frame.format)) return 'incompatible'
      lastMs = time
      const sinceCluster = time - clusterMs
      const needsCluster =
        isFirst || frame.isKey || sinceCluster >= longestClusterMs || sinceCluster < -furthestBeforeClusterMs
      emit(...(needsCluster ? startCluster(time) : []), block(frame, time))
      return 'written'
    },
    flush() {},
    close() {
      isClosed = true
    },
    get sizeBytes() {
      return sizeBytes
    },
  }
}

const isCompatible = (written: VideoFormat, next: VideoFormat) =>
  written.chroma === next.chroma && written.bitDepth === next.bitDepth
