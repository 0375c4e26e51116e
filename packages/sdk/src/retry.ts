import { ConnectionError, ProblemError, TimeoutError } from './errors.ts'

const firstPauseMs = 200
const longestPauseMs = 10_000

/** Statuses after which the same request may succeed. */
const passingStatuses = new Set([429, 502, 503])

/** Whether a request that failed so may be sent again, given that sending it twice does no harm. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ProblemError)
    return passingStatuses.has(error.status) || error.slug === 'idempotency-in-progress'
  return error instanceof ConnectionError || error instanceof TimeoutError
}

/** Milliseconds to wait before a retry: what the server asks for, or exponential with full jitter; never over 10 s. */
export function pauseBefore(attempt: number, error: unknown, random: () => number): number {
  const asked = error instanceof ProblemError ? error.retryAfterMs : undefined
  return Math.min(longestPauseMs, asked ?? random() * firstPauseMs * 2 ** attempt)
}

/** Waits; rejects with the signal's reason when that aborts first. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
