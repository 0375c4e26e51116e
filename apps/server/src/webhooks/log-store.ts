import type { Delivery } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { ledgerChannel } from '../events/ledger.ts'

/** A delivery by its endpoint and its event's place in the ledger. */
export interface DeliveryPlace {
  webhookId: string
  position: string
}

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
const forgetChunk = 1000
const deliveredDays = 30
const failedDays = 90

/** `dl_<position>_<rest of the webhook's id>`. */
const deliveryId = ({ webhookId, position }: DeliveryPlace) =>
  `dl_${position}_${webhookId.replace(/^wh_/, '')}`

/** The place that a delivery's id stands for, where it is one. */
export function readDeliveryId(id: string): DeliveryPlace | undefined {
  const [, position, rest] = /^dl_([1-9]\d{0,17})_([A-Za-z0-9_-]+)$/.exec(id) ?? []
  return position && rest ? { position, webhookId: `wh_${rest}` } : undefined
}

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
      let queued = 0
      for (let from = first; from <= last; from += replayWindow)
        queued += await queueAgain(webhookId, types, from, Math.min(last, from + replayWindow - 1))
      if (queued > 0) await wake(webhookId)
      return queued
    },

    /** Forgets some of what was delivered 30 days ago, and of everything of 90 days ago; gives how many. */
    async forget(): Promise<number> {
      const result = await sql`
        delete from deliveries where (webhook_id, position) in (
          select webhook_id, position from webhooks join deliveries on webhook_id = webhooks.id
          where position <= ${lastBefore(daysAgo(deliveredDays))}
            and (state = 'delivered' or position <= ${lastBefore(daysAgo(failedDays))})
          limit ${forgetChunk})`.execute(database)
      return Number(result.numAffectedRows ?? 0)
    },

    /** Forgets some deliveries of endpoints that were deleted; gives how many. */
    async forgetDeleted(): Promise<number> {
      const result = await sql`
        delete from deliveries where (webhook_id, position) in (
          select webhook_id, position from deleted_webhooks join deliveries on webhook_id = deleted_webhooks.id
          limit ${forgetChunk})`.execute(database)
      const count = Number(result.numAffectedRows ?? 0)
      // An event that was written while its endpoint was deleted may have been queued for it.
      if (count === 0)
        await sql`delete from deleted_webhooks where deleted_at < now() - interval '1 minute'`.execute(
          database,
        )
      return count
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

// Positions rise with the time of recording: bounds by the one are bounds by the other, and their index is the better one.
const firstSince = (time: Date) =>
  sql`(select position from events where recorded_at >= ${time} order by recorded_at limit 1)`
const lastBefore = (time: Date | RawBuilder<Date>) =>
  sql`(select position from events where recorded_at < ${time} order by recorded_at desc limit 1)`
const daysAgo = (days: number) => sql<Date>`now() - make_interval(days => ${days})`
