import type { Logger } from 'pino'

const defaultLimitMs = 5000

/** What was opened, to be closed once, in reverse, each step within its limit. */
export interface Closing {
  /** True from the moment that closing began. */
  readonly draining: boolean
  add(name: string, close: () => Promise<unknown>, limitMs?: number): void
  close(): Promise<void>
}

/** Collects closing steps; a step that fails or takes too long is logged and does not hold up the rest. */
export function createClosing(log: Logger): Closing {
  const steps: { name: string; close: () => Promise<unknown>; limitMs: number }[] = []
  let closed: Promise<void> | undefined

  async function closeAll(): Promise<void> {
    for (const { name, close, limitMs } of steps.reverse()) {
      const timedOut = await Promise.race([
        close().then(
          () => false,
          (error: unknown) => log.warn({ err: error, part: name }, 'a part did not close cleanly'),
        ),
        new Promise<true>((resolve) => setTimeout(resolve, limitMs, true).unref()),
      ])
      if (timedOut) log.warn({ part: name, limitMs }, 'a part did not close in time')
    }
  }

  return {
    get draining() {
      return closed !== undefined
    },
    add: (name, close, limitMs = defaultLimitMs) => {
      steps.push({ name, close, limitMs })
    },
    close: () => {
      closed ??= closeAll()
      return closed
    },
  }
}
