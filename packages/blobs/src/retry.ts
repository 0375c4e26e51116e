import { setTimeout as pause } from 'node:timers/promises'

/** A failure that is followed by another try. */
export interface Retry {
  error: unknown
  /** How many tries in a row have failed. */
  failures: number
  delayMs: number
}

export interface RetryPolicy {
  /** Whether the next try may do better. */
  isPassing: (error: unknown) => boolean
  /** Pause after so many failures in a row. */
  delayMs: (failures: number) => number
  onRetry?: ((retry: Retry) => void) | undefined
}

export interface RetryLimits {
  /** Ends the pauses; the work itself has to heed it too. */
  signal?: AbortSignal | undefined
  /** No limit unless told. */
  tries?: number
}

/** A quarter of a second, doubled each time up to 15 s, and spread so that many do not come back at once. */
export const spreadDelayMs = (failures: number): number =>
  Math.min(15_000, 250 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)

/** Does work until it succeeds, or fails in a way that does not pass. Failures before a `progressed()` count no more. */
export async function retrying<T>(
  work: (progressed: () => void) => Promise<T>,
  { isPassing, delayMs, onRetry }: RetryPolicy,
  { signal, tries = Number.POSITIVE_INFINITY }: RetryLimits = {},
): Promise<T> {
  let failures = 0
  const progressed = () => {
    failures = 0
  }
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await work(progressed)
    } catch (error) {
      signal?.throwIfAborted()
      failures++
      if (failures >= tries || !isPassing(error)) throw error
      const retry = { error, failures, delayMs: delayMs(failures) }
      onRetry?.(retry)
      await pause(retry.delayMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}
