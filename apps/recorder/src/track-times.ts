import type { Codec, MediaFrame } from '@rtcstack/containers'

/** Gives the frames of one track their times: milliseconds since 1970, even where the tap corrects its clock. */
export type TrackTimes = (frame: Pick<MediaFrame, 'timestamp' | 'capturedAtMs'>) => number

/** More is no correction: time was not counted while the sender sent nothing. */
const jumpMs = 150
const smallCorrectionPerMs = 0.05
const largeCorrectionPerMs = 0.5

/**
 * The distance between two frames is what their time stamps say, and differs by a twentieth while a correction is taken in.
 * So times rise as time stamps do: only a jump forward is taken at once.
 */
export function createTrackTimes(codec: Codec): TrackTimes {
  const ticksPerMs = codec === 'opus' ? 48 : 90
  let zeroMs: number | undefined
  let newestMs = Number.NEGATIVE_INFINITY
  return ({ timestamp, capturedAtMs }) => {
    const mediaMs = timestamp / ticksPerMs
    const correction = capturedAtMs - mediaMs - (zeroMs ?? 0)
    if (zeroMs === undefined || correction > jumpMs) zeroMs = capturedAtMs - mediaMs
    else {
      const elapsedMs = Math.max(0, mediaMs - newestMs)
      const most = elapsedMs * (correction < -jumpMs ? largeCorrectionPerMs : smallCorrectionPerMs)
      zeroMs += Math.max(-most, Math.min(most, correction))
    }
    newestMs = Math.max(newestMs, mediaMs)
    return zeroMs + mediaMs
  }
}
