import type { Logger } from 'pino'
import { createWakeable, type Wakeable } from '../process/wakeable.ts'

const everyMs = 600_000
/** A chore that forgets so many rows at once has more to forget. */
const chunk = 1000

/** Forgets what is too old, every ten minutes: each chore forgets some and gives how many. */
export function startHousekeeping(chores: (() => Promise<number>)[], log: Logger): Wakeable {
  return createWakeable(
    async () => {
      for (const forget of chores) while ((await forget()) >= chunk);
    },
    { everyMs, onError: (error) => log.debug({ err: error }, 'housekeeping put off') },
  )
}
