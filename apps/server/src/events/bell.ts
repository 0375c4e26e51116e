/** Lets one wait for what another tells: what rang before is heard too, until the bell is silenced. */
export function createBell() {
  let rung = false
  let hear = () => {}
  return {
    ring(): void {
      rung = true
      hear()
    },
    silence(): void {
      rung = false
    },
    /** Resolves when it rings, or after a time. */
    async rings(withinMs: number): Promise<void> {
      if (rung) return
      const { promise, resolve } = Promise.withResolvers<void>()
      hear = resolve
      const timer = setTimeout(resolve, withinMs)
      await promise
      clearTimeout(timer)
    },
  }
}

export type Bell = ReturnType<typeof createBell>
