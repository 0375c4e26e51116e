import type { Logger } from 'pino'
import { createWakeable, type Wakeable } from '../process/wakeable.ts'

const everyMs = 600_000
/** A chore that forgets so many rows at once has more to forget, unless told otherwise. */
const chunkRows = 1000

/** Forgets what is too old, every ten minutes: each chore forgets some and gives how many; `chunk` of them are not all. */
export function startHousekeeping(
  chores: (() => Promise<number>)[],
  log: Logger,
  chunk = chunkRows,
): Wakeable {
  let closing = false
  const wakeable = createWakeable(
    async () => {
      // One that fails does not keep the others from their turn.
      for (const forget of chores)
        try {
          while (!closing && (await forget()) >= chunk);
        } catch (error) {
          log.warn({ err: error }, 'housekeeping put off')
        }
    },
    { everyMs, onError: () => undefined },
  )
  return {
    ...wakeable,
    close: () => {
      closing = true
      return wakeable.close()
    },
  }
}
