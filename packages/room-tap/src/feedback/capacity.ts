/**
 * Estimates what the way to us carries, in bits per second, from what is lost on it (as draft-ietf-rmcat-gcc-02 does): a
 * recorder does not mind delay, so a way that only delays is not taken for a narrow one. Told once a second.
 */
export interface CapacityEstimate {
  next(second: { receivedBitsPerSecond: number; lostShare: number }): number
}

/** Enough for any call: as long as little is lost, LiveKit sends all it has. */
export const mostBitsPerSecond = 100_000_000
const leastBitsPerSecond = 300_000
/** A burst is repaired; only what goes on is congestion. */
const secondsUntilCongested = 3
/** Each second without losses. Faster than for a conversation: what is asked for too early is repaired. */
const growth = 1.2

export function createCapacityEstimate(): CapacityEstimate {
  let estimate = mostBitsPerSecond
  let lossySeconds = 0
  return {
    next: ({ receivedBitsPerSecond, lostShare }) => {
      lossySeconds = lostShare > 0.1 ? lossySeconds + 1 : 0
      if (lossySeconds >= secondsUntilCongested)
        estimate = Math.min(estimate, receivedBitsPerSecond * (1 - lostShare / 2))
      else if (lostShare < 0.02) estimate *= growth
      estimate = Math.min(mostBitsPerSecond, Math.max(leastBitsPerSecond, estimate))
      return Math.round(estimate)
    },
  }
}
