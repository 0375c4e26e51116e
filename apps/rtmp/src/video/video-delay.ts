/**
 * How long video waits for the sound of the same time, which takes longer through an encoder. LiveKit's receivers play each
 * track as it comes, so that what leaves together is seen and heard together.
 */
export interface VideoDelay {
  /** Sound left this long after its time. */
  observeAudio(lagMs: number): void
  /** Video came this long after its time. */
  observeVideo(lagMs: number): void
  readonly delayMs: number
}

const mostDelayMs = 60
/** What is repeated for late joiners, or waited for ffmpeg to start, says nothing of the way. */
const mostLagMs = 250
/** Each new lag counts a fiftieth: half a second of sound. */
const weight = 0.02

export function createVideoDelay(): VideoDelay {
  let audioMs: number | undefined
  let videoMs: number | undefined
  function follow(average: number | undefined, lagMs: number): number | undefined {
    if (lagMs > mostLagMs) return average
    return average === undefined ? lagMs : average + weight * (lagMs - average)
  }
  return {
    observeAudio(lagMs) {
      audioMs = follow(audioMs, lagMs)
    },
    observeVideo(lagMs) {
      videoMs = follow(videoMs, lagMs)
    },
    get delayMs() {
      if (audioMs === undefined || videoMs === undefined) return 0
      return Math.min(Math.max(audioMs - videoMs, 0), mostDelayMs)
    },
  }
}
