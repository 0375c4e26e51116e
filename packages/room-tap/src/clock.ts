/** Milliseconds since 1970 that never jump, whatever is done to this machine's clock: what all times of a tap are in. */
export const wallClockMs = (): number => performance.timeOrigin + performance.now()
