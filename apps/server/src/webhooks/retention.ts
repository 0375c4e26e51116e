import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { lastBefore } from '../events/positions.ts'

const chunk = 1000
const deliveredDays = 30
const failedDays = 90

const daysAgo = (days: number) => sql<Date>`now() - make_interval(days => ${days})`

/** What webhooks leave behind and is forgotten in time, some at a call, which gives how many. */
export function createWebhookRetention(database: Database) {
  return {
    /** What was delivered 30 days ago, and everything of 90 days ago. */
    async forgetDeliveries(): Promise<number> {
      const result = await sql`
        delete from deliveries where (webhook_id, position) in (
          select old.webhook_id, old.position from webhooks cross join lateral (
            select webhook_id, position from deliveries
            where webhook_id = webhooks.id and position <= ${lastBefore(daysAgo(deliveredDays))}
              and (state = 'delivered' and next_at < ${daysAgo(deliveredDays)}
                or position <= ${lastBefore(daysAgo(failedDays))})
            order by position limit ${chunk}) old
          limit ${chunk})`.execute(database)
      return Number(result.numAffectedRows ?? 0)
    },

    /** Deliveries of endpoints that were deleted. */
    async forgetDeleted(): Promise<number> {
      const result = await sql`
        delete from deliveries where (webhook_id, position) in (
          select webhook_id, position from deleted_webhooks join deliveries on webhook_id = deleted_webhooks.id
          limit ${chunk})`.execute(database)
      const count = Number(result.numAffectedRows ?? 0)
      // An event that was written while its endpoint was deleted may have been queued for it.
      if (count === 0)
        await sql`delete from deleted_webhooks where deleted_at < now() - interval '1 minute'`.execute(
          database,
        )
      return count
    },

    /** Secrets that sign no more. */
    async forgetOldSecrets(): Promise<number> {
      const result = await sql`
        update webhooks set sealed_old_secret = null, old_secret_until = null where id in (
          select id from webhooks where old_secret_until < now() limit ${chunk})`.execute(database)
      return Number(result.numAffectedRows ?? 0)
    },
  }
}
