/** Work that is done when somebody calls for it. */
export interface Wakeable {
  /** Has it done soon: at once, or again after the run that is under way. */
  wake(): void
  /** Stops; resolves when the run that is under way has ended. */
  close(): Promise<void>
}

/** Runs work when woken and every so often, never twice at once; a failure is told, and the next time comes. */
export function createWakeable(
  run: () => Promise<void>,
  { everyMs, onError }: { everyMs: number; onError: (error: unknown) => void },
): Wakeable {
  let running: Promise<void> | undefined
  let again = false
  let closed = false

  async function go(): Promise<void> {
    do {
      again = false
      await run().catch(onError)
    } while (again && !closed)
    running = undefined
  }

  function wake(): void {
    if (closed) return
    again = true
    // Those who wake in one go are all heard before the work begins.
    running ??= Promise.resolve().then(go)
  }

  const timer = setInterval(wake, everyMs)
  return {
    wake,
    async close() {
      closed = true
      clearInterval(timer)
      await running
    },
  }
}
