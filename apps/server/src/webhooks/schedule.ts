const jitter = 0.2
const disableAfterMs = 5 * 86_400_000
const disableAfterFailures = 10
const gone = 410

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

/** How an endpoint has done lately. */
interface Health {
  failingSince: Date | null
  failures: number
}

/** Why an endpoint is disabled after a failed attempt; undefined where it stays. */
export function reasonToDisable(statusCode: number | null, { failingSince, failures }: Health, now: Date) {
  if (statusCode === gone) return 'It answered 410 Gone.'
  if (
    failingSince &&
    failures >= disableAfterFailures &&
    now.getTime() - failingSince.getTime() > disableAfterMs
  )
    return 'Every delivery failed for 5 days.'
  return undefined
}
