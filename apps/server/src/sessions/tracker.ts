import type { RawBuilder } from 'kysely'
import { createBatching } from '../database/batching.ts'
import type { Database } from '../database/database.ts'
import type { DraftEvent } from '../events/draft.ts'
import type { Ledger, LedgerTransaction } from '../events/ledger.ts'
import type { Observation } from './observation.ts'
import { reduce } from './reducer.ts'
import { changesOf, findSessions, loadKnown } from './store.ts'

/** Makes more of the events of rooms, under the same lock: all events in their order, and changes (SQL). */
export type FollowEvents = (
  database: Database,
  happened: DraftEvent[],
) => Promise<{ events: DraftEvent[]; changes: RawBuilder<unknown>[] }>

/** Follows the rooms' lives: what is observed becomes state and events, in one transaction. */
export function createSessionTracker(
  database: Database,
  ledger: Ledger,
  follow: FollowEvents = async (_database, events) => ({ events, changes: [] }),
) {
  async function observeWithin(
    { database: transaction, append }: LedgerTransaction,
    observations: Observation[],
  ) {
    if (observations.length === 0) return
    const { events: happened, ...states } = reduce(await loadKnown(transaction, observations), observations)
    const { events, changes } = await follow(transaction, happened)
    await append(events, [...changesOf(states), ...changes])
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
