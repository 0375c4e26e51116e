// Encoders of audio begin before zero by their delay, and muxers move what is below zero.
const startMs = 1_000

/** The encoder's times from its first media on, so that a clock that began near its wrap is like any other. */
export function createMediaTime(): (timeMs: number) => number {
  let firstMs: number | undefined
  return (timeMs) => {
    firstMs ??= timeMs
    return timeMs - firstMs + startMs
  }
}
