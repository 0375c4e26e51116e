/** Calls back at each boundary of a grid, as long as it is not stopped. */
export function startGrid(options: { everyMs: number; nowMs(): number; reached(): void }): { stop(): void } {
  const { everyMs, nowMs, reached } = options
  let timer: NodeJS.Timeout
  const wait = () => {
    timer = setTimeout(
      () => {
        reached()
        wait()
      },
      everyMs - (nowMs() % everyMs),
    )
  }
  wait()
  return { stop: () => clearTimeout(timer) }
}
