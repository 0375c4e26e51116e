import { createBell } from '../events/bell.ts'

const lookAgainMs = 500

/** Tells those who wait in this process that a recording has changed, whoever changed it. */
export function createRecordingBells() {
  const waiting = new Set<{ id: string; ring(): void }>()
  return {
    /** Rings for a recording, or for all. */
    ring(id?: string): void {
      for (const one of waiting) if (id === undefined || one.id === id) one.ring()
    },

    /** What `look` sees of a recording when it is something; undefined when the time is over first. */
    async until<T>(id: string, limitMs: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
      const bell = createBell()
      const one = { id, ring: bell.ring }
      waiting.add(one)
      const deadline = performance.now() + limitMs
      try {
        for (;;) {
          bell.silence()
          const seen = await look()
          const leftMs = deadline - performance.now()
          if (seen !== undefined || leftMs <= 0) return seen
          await bell.rings(Math.min(leftMs, lookAgainMs))
        }
      } finally {
        waiting.delete(one)
      }
    },
  }
}

export type RecordingBells = ReturnType<typeof createRecordingBells>
