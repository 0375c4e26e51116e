interface GridOptions {
  everyMs: number
  /** A boundary is announced so long before. */
  leadMs: number
  nowMs(): number
  /** A boundary is reached, or announced. */
  reached(): void
}

/** Calls back before and at each boundary of a grid, as long as it is not stopped. */
export function startGrid({ everyMs, leadMs, nowMs, reached }: GridOptions): { stop(): void } {
  let timer: NodeJS.Timeout
  const wait = () => {
    const atMs = nowMs() % everyMs
    const nextMs = atMs < everyMs - leadMs ? everyMs - leadMs : everyMs
    timer = setTimeout(() => {
      reached()
      wait()
    }, nextMs - atMs)
  }
  wait()
  return { stop: () => clearTimeout(timer) }
}
