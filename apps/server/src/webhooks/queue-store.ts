import type { DeliveryAttempt } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { storableJson } from '../database/text.ts'

/** How many deliveries are wanted for an endpoint. */
export interface Wanted {
  webhookId: string
  count: number
}

/** A delivery that is ours until its lease ends. */
export interface Claimed {
  webhookId: string
  position: string
  /** Attempts of the present run through the schedule, this one included. */
  tries: number
  eventId: string
  type: string
  body: string
  url: string
  sealedSecret: Buffer
  /** Signs too, while it is there. */
  sealedOldSecret: Buffer | null
  failingSince: Date | null
  failures: number
}

/** What came of an attempt. */
export interface Result {
  webhookId: string
  position: string
  attempt: DeliveryAttempt
  /** Delivered, failed for good, or tried again after a pause. */
  outcome: 'delivered' | 'failed' | { retryInMs: number }
  disabledReason: string | undefined
}

const keptAttempts = 20

/** The statement that queues deliveries of events, given as a relation of (position, type), to every endpoint that wants them. */
export const queueDeliveries = (events: RawBuilder<unknown>) => sql`
  insert into deliveries (webhook_id, position)
  select webhooks.id, event.position from ${events} as event
  join webhooks on webhooks.status = 'active' and webhooks.events && array['*', event.type]
  returning webhook_id`

/** The queue of deliveries: rows that are claimed by a lease, so that those of a process that died are taken over. */
export function createQueueStore(database: Database, claimant: string, leaseSeconds: number) {
  return {
    /** Claims due deliveries, the longest due first, at most so many of each endpoint. */
    async claim(wanted: Wanted[]): Promise<Claimed[]> {
      const { rows } = await sql<Claimed>`
        with picked as (
          select due.webhook_id, due.position
          from unnest(${wanted.map((one) => one.webhookId)}::text[], ${wanted.map((one) => one.count)}::int[])
            as wanted (webhook_id, count)
          join webhooks on webhooks.id = wanted.webhook_id and status = 'active'
          cross join lateral (
            select webhook_id, position from deliveries
            where webhook_id = wanted.webhook_id and state = 'pending' and next_at <= now()
              and (lease_until is null or lease_until < now())
            order by next_at limit wanted.count
            for update skip locked) due),
        claimed as (
          update deliveries set claimed_by = ${claimant}, tries = tries + 1,
            lease_until = now() + make_interval(secs => ${leaseSeconds})
          from picked
          where deliveries.webhook_id = picked.webhook_id and deliveries.position = picked.position
          returning deliveries.webhook_id, deliveries.position, tries)
        select claimed.webhook_id as "webhookId", claimed.position, tries,
          events.id as "eventId", type, body, url, sealed_secret as "sealedSecret",
          case when old_secret_until > now() then sealed_old_secret end as "sealedOldSecret",
          failing_since as "failingSince", failures
        from claimed
        join events using (position)
        join webhooks on webhooks.id = claimed.webhook_id`.execute(database)
      return rows
    },

    /** Records results, where the claim is still ours; an endpoint's health and status follow from them. */
    async complete(results: Result[]): Promise<void> {
      const rows = results.map(({ webhookId, position, attempt, outcome, disabledReason }) => ({
        webhook_id: webhookId,
        position,
        attempt,
        state: typeof outcome === 'object' ? 'pending' : outcome,
        pause: typeof outcome === 'object' ? outcome.retryInMs / 1000 : 0,
        reason: disabledReason ?? null,
      }))
      await sql`
        with results as (
          select * from jsonb_to_recordset(${storableJson(rows)}::jsonb) as result (
            webhook_id text, position bigint, attempt jsonb, state text, pause double precision, reason text)),
        completed as (
          update deliveries set state = results.state, next_at = now() + make_interval(secs => results.pause),
            claimed_by = null, lease_until = null,
            attempts = case when jsonb_array_length(attempts) < ${keptAttempts} then attempts else attempts - 0 end
              || results.attempt
          from results
          where deliveries.webhook_id = results.webhook_id and deliveries.position = results.position
            and claimed_by = ${claimant}
          returning deliveries.webhook_id, results.state, results.reason),
        health as (
          select webhook_id, bool_or(state = 'delivered') as works, max(reason) as reason,
            count(*) filter (where state <> 'delivered') as failures
          from completed group by webhook_id)
        update webhooks set
          failing_since = case when works then null else coalesce(failing_since, now()) end,
          failures = case when works then 0 else webhooks.failures + health.failures end,
          status = case when reason is null then status else 'disabled' end,
          disabled_reason = coalesce(reason, disabled_reason)
        from health
        where webhooks.id = webhook_id and (not works or failing_since is not null or reason is not null)`.execute(
        database,
      )
    },

    /** Endpoints that have something due. */
    async due(): Promise<string[]> {
      const { rows } = await sql<{ id: string }>`
        select id from webhooks where status = 'active' and exists (
          select from deliveries where webhook_id = webhooks.id and state = 'pending' and next_at <= now()
            and (lease_until is null or lease_until < now()))`.execute(database)
      return rows.map(({ id }) => id)
    },

    /** Gives back what is claimed and was not tried to the end. */
    async release(claims: Pick<Claimed, 'webhookId' | 'position'>[]): Promise<void> {
      await sql`
        update deliveries set claimed_by = null, lease_until = null, tries = tries - 1
        from unnest(${claims.map((one) => one.webhookId)}::text[], ${claims.map((one) => one.position)}::bigint[])
          as claim (webhook_id, position)
        where deliveries.webhook_id = claim.webhook_id and deliveries.position = claim.position
          and claimed_by = ${claimant}`.execute(database)
    },
  }
}

export type QueueStore = ReturnType<typeof createQueueStore>
