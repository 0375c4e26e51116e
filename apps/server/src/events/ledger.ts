import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { storable } from '../database/text.ts'
import { type DraftEvent, eventBody } from './draft.ts'

/** Where the ledger tells every process that it has grown: the payload names the webhooks with new deliveries, or is `*`. */
export const ledgerChannel = 'rtcstack_ledger'

const maxWebhooksNotified = 100

/** Makes the statement that queues deliveries of the events in a relation of (position, type); it returns `webhook_id`s. */
export type QueueDeliveries = (events: RawBuilder<unknown>) => RawBuilder<unknown>

/** A transaction that may write to the ledger. */
export interface LedgerTransaction {
  database: Database
  /** Adds those events that are not there yet, with their deliveries, and makes changes (SQL) in the same statement. */
  append(drafts: DraftEvent[], changes?: RawBuilder<unknown>[]): Promise<void>
}

export type Ledger = ReturnType<typeof createLedger>

/**
 * The events that happened, in one order: who writes holds one lock from the beginning to the commit. So positions
 * become visible in their order, a reader that goes by them misses nothing, and a room's sequence has no gap.
 */
export function createLedger(database: Database, queueDeliveries: QueueDeliveries) {
  return {
    /** Runs a change of state and the events that tell of it as one transaction: both are kept, or neither. */
    write: <T>(run: (ledger: LedgerTransaction) => Promise<T>): Promise<T> =>
      database.connection().execute(async (connection) => {
        await sql.raw(begin).execute(connection)
        try {
          const append: LedgerTransaction['append'] = (drafts, changes = []) =>
            appendTo(connection, drafts, changes, queueDeliveries)
          const result = await run({ database: connection, append })
          await sql`commit`.execute(connection)
          return result
        } catch (error) {
          // What went wrong is told, also where the connection is lost and with it the transaction.
          await sql`rollback`.execute(connection).catch(() => undefined)
          throw error
        }
      }),
  }
}

/** In one message, since everybody waits for it. What is read under the lock is what the holder before left. */
const begin = `
  begin isolation level read committed;
  select pg_advisory_xact_lock(hashtextextended('rtcstack ledger', 0))`

/** One statement, since everybody else waits for it: changes, what is new, its places, its deliveries and the notification. */
async function appendTo(
  transaction: Database,
  drafts: DraftEvent[],
  changes: RawBuilder<unknown>[],
  queueDeliveries: QueueDeliveries,
): Promise<void> {
  const rows = [...new Map(drafts.map((draft) => [draft.id, draft])).values()].map((draft) => {
    const [head, tail] = eventBody(draft)
    return { ...draft, room: storable(draft.room), head, tail }
  })
  if (rows.length + changes.length === 0) return
  const changed = changes.map((change, index) => sql`${sql.ref(`change_${index}`)} as (${change}),`)
  await sql`
    with ${sql.join(changed, sql` `)} draft as (
      select * from unnest(
        ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.type)}::text[],
        ${rows.map((row) => row.room)}::text[], ${rows.map((row) => row.head)}::text[],
        ${rows.map((row) => row.tail)}::text[]
      ) with ordinality as row (id, type, room, head, tail, at)
      where not exists (select from events where events.id = row.id)),
    moved as (
      insert into room_sequences (room, last) select room, count(*) from draft group by room
      on conflict (room) do update set last = room_sequences.last + excluded.last
      returning room, last),
    placed as (
      select draft.*, last - count(*) over (partition by room) + row_number() over (partition by room order by at) as sequence
      from draft join moved using (room)),
    inserted as (
      insert into events (id, type, room, sequence, body)
      select id, type, room, sequence, head || sequence || tail from placed order by at
      returning position, type),
    queued as (${queueDeliveries(sql`inserted`)}),
    woken as (select distinct webhook_id from queued)
    select pg_notify(${ledgerChannel}, case when count(*) <= ${maxWebhooksNotified}
      then coalesce(string_agg(webhook_id, ','), '') else '*' end)
    from woken having exists (select from inserted)`.execute(transaction)
}
