import { createBatching } from '../database/batching.ts'
import type { Database } from '../database/database.ts'
import type { Ledger, LedgerTransaction } from '../events/ledger.ts'
import type { Observation } from './observation.ts'
import { reduce } from './reducer.ts'
import { changesOf, findSessions, loadKnown } from './store.ts'

/** Follows the rooms' lives: what is observed becomes state and events, in one transaction. */
export function createSessionTracker(database: Database, ledger: Ledger) {
  async function observeWithin(
    { database: transaction, append }: LedgerTransaction,
    observations: Observation[],
  ) {
    if (observations.length === 0) return
    const { events, ...states } = reduce(await loadKnown(transaction, observations), observations)
    await append(events, changesOf(states))
  }

  // Only one writes to the ledger at a time: what comes while that lasts shares the next turn.
  const observe = createBatching<Observation[], void>(async (some) => {
    await ledger.write((writing) => observeWithin(writing, some.flat()))
    return []
  })

  return {
    /** The same within a transaction that writes to the ledger. */
    observeWithin,

    /** Resolves when all that follows from these observations is committed. */
    observe,

    /** Whether the beginning of a room's life is in the ledger. */
    knows: async (roomSid: string): Promise<boolean> => (await findSessions(database, [roomSid])).length > 0,
  }
}

export type SessionTracker = ReturnType<typeof createSessionTracker>
