/** Does things a little later, in the order in which they came, however the delay changes. */
export interface DelayLine {
  add(delayMs: number, act: () => void): void
  /** Forgets what waits. */
  close(): void
}

export function createDelayLine(): DelayLine {
  let waiting: { dueMs: number; act: () => void }[] = []
  let timer: NodeJS.Timeout | undefined

  function run(): void {
    timer = undefined
    const now = performance.now()
    while (waiting[0] && waiting[0].dueMs <= now) waiting.shift()?.act()
    if (waiting[0]) timer = setTimeout(run, Math.ceil(waiting[0].dueMs - now))
  }

  return {
    add(delayMs, act) {
      const dueMs = Math.max(performance.now() + delayMs, waiting.at(-1)?.dueMs ?? 0)
      waiting.push({ dueMs, act })
      if (!timer) run()
    },
    close() {
      waiting = []
      clearTimeout(timer)
    },
  }
}
