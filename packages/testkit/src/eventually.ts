import { setTimeout as pause } from 'node:timers/promises'
import { within } from './within.ts'

export interface EventuallyOptions {
  /** How long to go on trying; 10 000 unless told. */
  timeoutMs?: number
  /** Pause between two tries; 50 unless told. */
  intervalMs?: number
  /** What was waited for, for the error. */
  message?: string
}

/**
 * Tries `probe` until it neither throws nor returns `false`, and resolves to what it returned.
 * When time runs out it rejects with what the last try threw or returned. A probe that never settles is given up too.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50, message = 'the condition' }: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const deadline = performance.now() + timeoutMs
  let last: unknown = new Error('no try has ended')
  for (let tries = 1; ; tries++) {
    const leftMs = deadline - performance.now()
    try {
      const value = await within(Math.max(leftMs, 1), 'this try', async () => probe())
      if (value !== false) return value as Exclude<T, false>
      last = new Error('the probe returned false')
    } catch (error) {
      last = error
    }
    if (performance.now() + intervalMs > deadline) {
      const reason = last instanceof Error ? last.message : String(last)
      const text = `${message} did not come true within ${timeoutMs} ms (${tries} tries): ${reason}`
      throw new Error(text, { cause: last })
    }
    await pause(intervalMs)
  }
}
