/**
 * The clock of one sender's machine against ours. A packet cannot arrive before it was captured, so the two clocks are
 * apart by at most the smallest difference seen between arrival (ours) and capture (theirs); that is taken as the
 * difference, for all tracks of the sender, which keeps its sound and picture together.
 */
export interface SenderClock {
  /** A packet captured at one time by the sender's clock arrived at another by ours. */
  observe(senderMs: number, arrivedAtMs: number): void
  /** By our clock. */
  toLocalMs(senderMs: number): number
  /** How far the sender's clock has been set since it was first known. */
  stepMs: number
  readonly isKnown: boolean
}

/** The smallest of the last one to two windows counts: clocks drift apart, and ways get longer. */
const windowMs = 30_000
/** Until then what is found is believed at once; later the difference moves slowly, so that no packet jumps. */
const settlingMs = 10_000
const fasterPerMs = 20 / 1_000
const slowerPerMs = 1 / 1_000
/** More than drift or a longer way would do. */
const jumpMs = 500

export function createSenderClock(): SenderClock {
  let knownSinceMs: number | undefined
  let windowStartMs = 0
  let smallest = { before: 0, now: 0 }
  let differenceMs = 0
  let movedAtMs = 0

  const move = (arrivedAtMs: number) => {
    const elapsedMs = Math.max(0, arrivedAtMs - movedAtMs)
    movedAtMs = Math.max(movedAtMs, arrivedAtMs)
    const target = Math.min(smallest.before, smallest.now)
    const change = target - differenceMs
    const isSettling = arrivedAtMs - (knownSinceMs ?? 0) < settlingMs
    if (isSettling || Math.abs(change) > jumpMs) differenceMs = target
    else if (change < 0) differenceMs = Math.max(target, differenceMs - elapsedMs * fasterPerMs)
    else differenceMs = Math.min(target, differenceMs + elapsedMs * slowerPerMs)
  }
  return {
    stepMs: 0,
    get isKnown() {
      return knownSinceMs !== undefined
    },
    observe: (senderMs, arrivedAtMs) => {
      const transitMs = arrivedAtMs - senderMs
      if (knownSinceMs === undefined) {
        knownSinceMs = windowStartMs = arrivedAtMs
        smallest = { before: transitMs, now: transitMs }
      } else if (arrivedAtMs - windowStartMs > windowMs) {
        windowStartMs = arrivedAtMs
        smallest = { before: smallest.now, now: transitMs }
      } else smallest.now = Math.min(smallest.now, transitMs)
      move(arrivedAtMs)
    },
    toLocalMs: (senderMs) => senderMs + differenceMs,
  }
}
