const secondsFrom1900To1970 = 2_208_988_800

/**
 * When media was at the encoder, by our clock: the audio and the video of a sender report it to receivers by the same measure,
 * whatever time each of them takes on its way through here.
 */
export interface SenderClock {
  /** Media of this time came now. */
  observe(mediaMs: number, nowMs: number): void
  /** The wall clock's time of media. */
  wallMsOf(mediaMs: number): number
}

// Long enough to hold a moment without delay, short enough for the drift of the encoder's clock.
const windowMs = 10_000

export function createSenderClock(): SenderClock {
  // What came with the least delay says most.
  let least = Number.POSITIVE_INFINITY
  let leastBefore = Number.POSITIVE_INFINITY
  let windowBeganMs = Number.NEGATIVE_INFINITY
  return {
    observe(mediaMs, nowMs) {
      if (nowMs - windowBeganMs > windowMs) {
        windowBeganMs = nowMs
        leastBefore = least
        least = Number.POSITIVE_INFINITY
      }
      least = Math.min(least, nowMs - mediaMs)
    },
    wallMsOf: (mediaMs) => mediaMs + Math.min(least, leastBefore),
  }
}

/** A time in milliseconds since 1970 as NTP has it: seconds since 1900, and 32 bits of their fraction. */
export function ntpOf(wallMs: number): bigint {
  const seconds = Math.floor(wallMs / 1000)
  const fraction = Math.floor(((wallMs - 1000 * seconds) / 1000) * 2 ** 32)
  return (BigInt(seconds + secondsFrom1900To1970) << 32n) | BigInt(fraction)
}
