import type { Database } from '../database/database.ts'
import type { Ledger, LedgerTransaction } from '../events/ledger.ts'
import type { Observation } from './observation.ts'
import { reduce } from './reducer.ts'
import { findSessions, loadKnown, saveKnown } from './store.ts'

/** Follows the rooms' lives: what is observed becomes state and events, in one transaction. */
export function createSessionTracker(database: Database, ledger: Ledger) {
  async function observeWithin(
    { database: transaction, append }: LedgerTransaction,
    observations: Observation[],
  ) {
    if (observations.length === 0) return
    const { events, ...states } = reduce(await loadKnown(transaction, observations), observations)
    await saveKnown(transaction, states)
    await append(events)
  }

  return {
    observeWithin,

    /** Resolves when all that follows from these observations is committed, or part of a transaction that is open. */
    observe: (observations: Observation[], transaction?: Database): Promise<void> => {
      const run = (writing: LedgerTransaction) => observeWithin(writing, observations)
      return transaction ? ledger.writeWithin(transaction, run) : ledger.write(run)
    },

    /** Whether the beginning of a room's life is in the ledger. */
    knows: async (roomSid: string): Promise<boolean> => (await findSessions(database, [roomSid])).length > 0,
  }
}

export type SessionTracker = ReturnType<typeof createSessionTracker>
