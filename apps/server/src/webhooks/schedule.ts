const jitter = 0.2

/**
 * Milliseconds until the next attempt after `tries` failed ones: the pause of the schedule ±20 %, or what the endpoint
 * asks for by Retry-After, between once and twice that pause. Undefined when the schedule is used up.
 */
export function pauseBeforeNext(
  schedule: readonly number[],
  tries: number,
  retryAfterSeconds: number | undefined,
  random: () => number,
): number | undefined {
  const base = schedule[tries - 1]
  if (base === undefined) return undefined
  const seconds =
    retryAfterSeconds === undefined
      ? base * (1 + (random() * 2 - 1) * jitter)
      : Math.min(Math.max(retryAfterSeconds, base), 2 * base)
  return Math.round(seconds * 1000)
}

/** An endpoint is disabled when it has failed so often and for so long without a success in between. */
export const disableAfter = { days: 5, failures: 10 }
