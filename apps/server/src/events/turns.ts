const targetMs = 500

/** Does something in turns, as `createTurns` says: `run` is told how much to take, and gives how much there was. */
export type Turns = (run: (size: number) => Promise<number>) => Promise<void>

/**
 * Work at the ledger in turns of at most `max`, until one finds less to do than it may. A turn is as large as takes about
 * half a second, for the others wait meanwhile: how much that is depends on how many webhooks there are. One that takes
 * longer than the database allows is done again as two.
 */
export function createTurns(max: number): Turns {
  let size = max
  return async (run) => {
    for (;;) {
      const asked = size
      const startedAt = performance.now()
      try {
        const count = await run(asked)
        size = fittingSize(count, performance.now() - startedAt, Math.min(max, asked * 2))
        if (count < asked) return
      } catch (error) {
        if (!tookTooLong(error) || asked === 1) throw error
        size = Math.floor(asked / 2)
      }
    }
  }
}

const fittingSize = (count: number, tookMs: number, most: number) =>
  Math.max(1, Math.min(most, Math.floor((count * targetMs) / tookMs)) || most)

const queryCanceled = '57014'

/** By the server's limit, or by ours that stands behind it. */
function tookTooLong(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === queryCanceled || message === 'Query read timeout'
}
