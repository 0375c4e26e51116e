/** Decides when a track's key frame is asked for: at once, seldom, and again until it has come or nobody makes one. */
export interface KeyFrameRequests {
  need(): void
  /** It has come, or there is nobody to make one. */
  settle(): void
  /** Whether to ask now; counts as asked when it says so. */
  isDue(nowMs: number): boolean
  readonly isNeeded: boolean
}

/** LiveKit passes on no more than one in half a second. */
const leastApartMs = 500
const mostTries = 6

export function createKeyFrameRequests(): KeyFrameRequests {
  let isNeeded = false
  let tries = 0
  let nextAtMs = 0
  return {
    need: () => {
      // A codec that is not known shows no key frames: asking for them ends, too.
      if (!isNeeded && tries < mostTries) isNeeded = true
    },
    settle: () => {
      isNeeded = false
      tries = 0
    },
    isDue: (nowMs) => {
      if (!isNeeded || nowMs < nextAtMs) return false
      nextAtMs = nowMs + leastApartMs * 2 ** tries
      if (++tries >= mostTries) isNeeded = false
      return true
    },
    get isNeeded() {
      return isNeeded
    },
  }
}
