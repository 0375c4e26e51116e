import type { Codec, MediaFrame } from '@rtcstack/containers'

/** Gives the frames of one track their times: milliseconds since 1970, even where the tap corrects its clock. */
export type TrackTimes = (frame: Pick<MediaFrame, 'timestamp' | 'capturedAtMs'>) => number

/** More is no correction: time was not counted while the sender sent nothing. */
const jumpMs = 150
const smallCorrectionPerMs = 0.05
const largeCorrectionPerMs = 0.5
/**
 * Sound can be moved only by leaving some out or making some up, and that is heard; this much too early or too late is not.
 * It is about what a first sender report corrects, and half of what sound and picture may be apart.
 */
const inaudibleMs = 25
/** When it was more, it is brought down to this. */
const settledMs = 10
/** Where packets are missing, nobody hears that what follows is moved. */
const silenceMs = 100

/**
 * The distance between two frames is what their time stamps say, and differs by a twentieth while a correction is taken in.
 * So times rise as time stamps do: only a jump forward is taken at once. Sound that flows is corrected only where it must be.
 */
export function createTrackTimes(codec: Codec): TrackTimes {
  const ticksPerMs = codec === 'opus' ? 48 : 90
  let zeroMs: number | undefined
  let newestMs = Number.NEGATIVE_INFINITY
  let isSettling = false
  const isDue = (correction: number, elapsedMs: number) => {
    if (codec !== 'opus') return true
    isSettling = Math.abs(correction) > (isSettling ? settledMs : inaudibleMs)
    return isSettling || elapsedMs > silenceMs
  }
  return ({ timestamp, capturedAtMs }) => {
    const mediaMs = timestamp / ticksPerMs
    const correction = capturedAtMs - mediaMs - (zeroMs ?? 0)
    const elapsedMs = Math.max(0, mediaMs - newestMs)
    if (zeroMs === undefined || correction > jumpMs) zeroMs = capturedAtMs - mediaMs
    else if (isDue(correction, elapsedMs)) {
      const most = elapsedMs * (correction < -jumpMs ? largeCorrectionPerMs : smallCorrectionPerMs)
      zeroMs += Math.max(-most, Math.min(most, correction))
    }
    newestMs = Math.max(newestMs, mediaMs)
    return zeroMs + mediaMs
  }
}
