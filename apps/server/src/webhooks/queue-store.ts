import type { DeliveryAttempt } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { storableJson } from '../database/text.ts'
import { disableAfter } from './schedule.ts'

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
}

/** What came of an attempt. */
export interface Result {
  webhookId: string
  position: string
  /** Where it was sent to: an endpoint may have been moved meanwhile. */
  url: string
  attempt: DeliveryAttempt
  /** Delivered, failed for good, tried again after a pause, or not tried at all and put off. */
  outcome: 'delivered' | 'failed' | { retryInMs: number } | { putOffMs: number }
}

const keptAttempts = 20
const gone = 410

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
          case when old_secret_until > now() then sealed_old_secret end as "sealedOldSecret"
        from claimed
        join events using (position)
        join webhooks on webhooks.id = claimed.webhook_id`.execute(database)
      return rows
    },

    /** Records results, where the claim is still ours; an endpoint's health and status follow from them. */
    async complete(results: Result[]): Promise<void> {
      await sql`
        with results as (
          select * from jsonb_to_recordset(${storableJson(results.map(toRow))}::jsonb) as result (
            webhook_id text, position bigint, url text, attempt jsonb, state text, pause double precision,
            counts boolean, gone boolean)),
        completed as (
          update deliveries set state = results.state, next_at = now() + make_interval(secs => results.pause),
            claimed_by = null, lease_until = null, tries = case when counts then tries else tries - 1 end,
            attempts = case when jsonb_array_length(attempts) < ${keptAttempts} then attempts else attempts - 0 end
              || results.attempt
          from results
          where deliveries.webhook_id = results.webhook_id and deliveries.position = results.position
            and claimed_by = ${claimant}
          returning deliveries.webhook_id, results.state, results.url, counts, gone),
        health as (
          select webhook_id, bool_or(state = 'delivered') as works, count(*) filter (where state <> 'delivered') as more,
            array_agg(url) filter (where gone) as gone_urls
          from completed where counts group by webhook_id),
        judged as (
          select id, works, failures + more as failures, coalesce(failing_since, now()) as failing_since, case
            when webhooks.url = any(gone_urls) then 'It answered 410 Gone.'
            when not works and failures + more >= ${disableAfter.failures}
              and failing_since < now() - make_interval(days => ${disableAfter.days})
              then ${`Every delivery failed for ${disableAfter.days} days.`} end as reason
          from health join webhooks on webhooks.id = webhook_id
          where not works or webhooks.failing_since is not null or gone_urls is not null)
        update webhooks set
          failing_since = case when works then null else judged.failing_since end,
          failures = case when works then 0 else judged.failures end,
          status = case when reason is null then status else 'disabled' end,
          disabled_reason = coalesce(reason, disabled_reason),
          updated_at = case when reason is null then updated_at else now() end
        from judged where webhooks.id = judged.id`.execute(database)
    },

    /** Endpoints that have something due. */
    async due(): Promise<string[]> {
      const { rows } = await sql<{ id: string }>`
        select id from webhooks cross join lateral (
          select from deliveries where webhook_id = webhooks.id and state = 'pending' and next_at <= now()
            and (lease_until is null or lease_until < now()) limit 1) due
        where status = 'active'`.execute(database)
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

function toRow({ webhookId, position, url, attempt, outcome }: Result) {
  const pauseMs =
    typeof outcome === 'string' ? 0 : 'putOffMs' in outcome ? outcome.putOffMs : outcome.retryInMs
  return {
    webhook_id: webhookId,
    position,
    url,
    attempt,
    state: typeof outcome === 'string' ? outcome : 'pending',
    pause: pauseMs / 1000,
    counts: typeof outcome === 'string' || 'retryInMs' in outcome,
    gone: attempt.statusCode === gone,
  }
}
