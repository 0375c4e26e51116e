const attempts = 3

interface RunAllOptions {
  works: (() => Promise<void>)[]
  concurrency: number
  /** Once aborted, nothing is tried again. */
  signal: AbortSignal
  onDone: (done: number) => void
}

/**
 * Does works, so many at once, each tried again when it fails. When one fails for good the others that run are waited for, and its
 * error is thrown.
 */
export async function runAll({ works, concurrency, signal, onDone }: RunAllOptions): Promise<void> {
  const queue = works.values()
  let done = 0
  let failure: { error: unknown } | undefined
  async function worker(): Promise<void> {
    for (const work of queue) {
      if (failure) return
      try {
        await tried(work, signal)
        onDone(++done)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker))
  if (failure) throw failure.error
}

async function tried(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || signal.aborted) throw error
    }
  }
}
