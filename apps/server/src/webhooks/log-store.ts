import type { Delivery } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { ledgerChannel } from '../events/ledger.ts'
import { firstSince, lastBefore } from '../events/positions.ts'
import { problems } from '../http/problem.ts'
import { type DeliveryPlace, deliveryId } from './delivery-id.ts'

interface Row {
  webhook_id: string
  position: string
  event_id: string
  type: string
  state: Delivery['status']
  next_at: Date
  attempts: Delivery['attempts']
  created_at: Date
}

const replayWindow = 5000
/** A replay is queued within the request that asks for it. */
const maxReplayed = 100_000

/** The log of deliveries, which is their queue too. */
export function createDeliveryLog(database: Database) {
  async function select(condition: RawBuilder<unknown>, limit: number) {
    const { rows } = await sql<Row>`
      select webhook_id, position, events.id as event_id, type, state, next_at, attempts, created_at
      from deliveries join events using (position)
      where ${condition} order by position desc limit ${limit}`.execute(database)
    return rows.map((row) => ({ position: row.position, delivery: toDelivery(row) }))
  }

  async function queueAgain(
    webhookId: string,
    types: string[],
    first: number,
    last: number,
  ): Promise<number> {
    const result = await sql`
      insert into deliveries (webhook_id, position)
      select ${webhookId}, position from events
      where position between ${first} and ${last} and array['*', type] && ${types}
      on conflict (webhook_id, position) do update set state = 'pending', tries = 0, next_at = now(),
        claimed_by = null, lease_until = null`.execute(database)
    return Number(result.numAffectedRows ?? 0)
  }

  const wake = (webhookId: string) => sql`select pg_notify(${ledgerChannel}, ${webhookId})`.execute(database)

  return {
    /** Deliveries of an endpoint, newest event first. */
    list(
      webhookId: string,
      filter: { status?: string; since?: Date; before?: string },
      limit: number,
    ): Promise<{ position: string; delivery: Delivery }[]> {
      const conditions = [sql`webhook_id = ${webhookId}`]
      if (filter.status !== undefined) conditions.push(sql`state = ${filter.status}`)
      if (filter.since) conditions.push(sql`position >= ${firstSince(filter.since)}`)
      if (filter.before !== undefined) conditions.push(sql`position < ${filter.before}`)
      return select(sql.join(conditions, sql` and `), limit)
    },

    /** Makes one delivery due now, with all its tries before it; undefined where there is none. */
    async again({ webhookId, position }: DeliveryPlace): Promise<Delivery | undefined> {
      await sql`
        update deliveries set state = 'pending', tries = 0, next_at = now(), claimed_by = null, lease_until = null
        where webhook_id = ${webhookId} and position = ${position}`.execute(database)
      const [found] = await select(sql`webhook_id = ${webhookId} and position = ${position}`, 1)
      if (found) await wake(webhookId)
      return found?.delivery
    },

    /** Queues every event that was recorded in a span of time, those delivered before too; gives how many. */
    async replay(webhookId: string, since: Date, until: Date, types: string[]): Promise<number> {
      const { rows } = await sql<{ first: string | null; last: string | null }>`
        select ${firstSince(since)} as first, ${lastBefore(until)} as last`.execute(database)
      const [first, last] = [Number(rows[0]?.first ?? Infinity), Number(rows[0]?.last ?? 0)]
      if (last - first >= maxReplayed)
        throw problems.conflict(
          `There are more than ${maxReplayed} events in that time: replay it in shorter spans`,
        )
      let queued = 0
      for (let from = first; from <= last; from += replayWindow)
        queued += await queueAgain(webhookId, types, from, Math.min(last, from + replayWindow - 1))
      if (queued > 0) await wake(webhookId)
      return queued
    },
  }
}

export type DeliveryLog = ReturnType<typeof createDeliveryLog>

const toDelivery = (row: Row): Delivery => ({
  id: deliveryId({ webhookId: row.webhook_id, position: row.position }),
  webhookId: row.webhook_id,
  eventId: row.event_id,
  type: row.type,
  status: row.state,
  createdAt: row.created_at.toISOString(),
  nextAttemptAt: row.state === 'pending' ? row.next_at.toISOString() : null,
  attempts: row.attempts,
})
