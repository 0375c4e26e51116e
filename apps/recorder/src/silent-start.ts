/** Decides when a recording starts that no media starts. */
export interface SilentStart {
  /** The recorder is in the room, and has been told who is there. */
  connected(): void
  /** It has started, or never will. */
  cancel(): void
}

/** A track that is just being published is waited for. */
const graceMs = 200
const mediaLimitMs = 3_000

/** Calls back once: soon where nobody sends anything, and later where what is sent does not come. */
export function awaitSilentStart(options: { expectsMedia(): boolean; start(): void }): SilentStart {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const cancel = () => {
    isOver = true
    clearTimeout(timer)
  }
  const start = () => {
    cancel()
    options.start()
  }
  return {
    connected: () => {
      if (isOver || timer) return
      timer = setTimeout(() => {
        if (!options.expectsMedia()) return start()
        timer = setTimeout(start, mediaLimitMs - graceMs)
      }, graceMs)
    },
    cancel,
  }
}
