interface Waiting<Key, Value> {
  key: Key
  resolve: (value: Value) => void
  reject: (error: unknown) => void
}

/**
 * Gathers look-ups that arrive while a query runs into the next one. Each answer is from a query begun after it was
 * asked for, so nothing is cached; a query that fails also fails those that wait, which would only wait for the same.
 */
export function createBatching<Key, Value>(
  load: (keys: Key[]) => Promise<Value[]>,
): (key: Key) => Promise<Value> {
  let waiting: Waiting<Key, Value>[] = []
  let running = false

  async function drain(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const values = await load(batch.map(({ key }) => key))
        batch.forEach(({ resolve }, index) => {
          resolve(values[index] as Value)
        })
      } catch (error) {
        for (const { reject } of [...batch, ...waiting.splice(0)]) reject(error)
      }
    }
    running = false
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (!running) queueMicrotask(() => running || drain())
    })
}
