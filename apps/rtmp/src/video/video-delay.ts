/**
 * How long video waits for the sound of the same time, which takes longer through an encoder. LiveKit's receivers play each
 * track as it comes, so that what leaves together is seen and heard together.
 */
export interface VideoDelay {
  /** Sound left this long after its time. */
  observeAudio(lagMs: number): void
  /** Video came this long after its time; what is repeated for late joiners does not count. */
  observeVideo(lagMs: number): void
  readonly delayMs: number
}

const mostDelayMs = 75
/** Receivers hold sound back longer than video; on a quiet machine 20 to 50 ms, which this halves at the price of latency. */
const receiverMs = 15
/** Each new lag counts this much: the late ones of sound more, as receivers wait for them before they play any. */
const weights = { video: { late: 0.02, early: 0.02 }, audio: { late: 0.1, early: 0.01 } }

export function createVideoDelay(): VideoDelay {
  let audioMs: number | undefined
  let videoMs: number | undefined
  function follow(
    kind: keyof typeof weights,
    current: number | undefined,
    lagMs: number,
  ): number | undefined {
    if (current === undefined) return lagMs
    return current + weights[kind][lagMs > current ? 'late' : 'early'] * (lagMs - current)
  }
  return {
    observeAudio(lagMs) {
      audioMs = follow('audio', audioMs, lagMs)
    },
    observeVideo(lagMs) {
      videoMs = follow('video', videoMs, lagMs)
    },
    get delayMs() {
      if (audioMs === undefined || videoMs === undefined) return 0
      return Math.min(Math.max(audioMs - videoMs + receiverMs, 0), mostDelayMs)
    },
  }
}
