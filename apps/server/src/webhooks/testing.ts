import type { EventType } from '@rtcstack/contract'
import { sql } from 'kysely'
import { beforeEach } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createLedger } from '../events/ledger.ts'
import { createSealing } from '../secrets/sealing.ts'
import { queueDeliveries } from './queue-store.ts'
import { createWebhookStore } from './store.ts'

/** What the secrets of these endpoints are sealed with. */
export const sealing = createSealing(['a key of these tests'])
export const secret = 'a secret of these tests, as text'

/** A real database with endpoints, events and deliveries, and none of them at the beginning of each test of a file. */
export function useWebhooks() {
  const stored = useDatabase()
  beforeEach(async () => {
    await sql`truncate webhooks, deleted_webhooks, deliveries, events, room_sequences`.execute(
      stored.database,
    )
  })
  let count = 0
  return {
    get database() {
      return stored.database
    },
    get url() {
      return stored.url
    },

    /** Makes an endpoint, of all types unless told; resolves to its id. */
    async endpoint({ url = 'http://127.0.0.1:1/hook', events = ['*'] } = {}): Promise<string> {
      const id = `wh_${++count}`
      const sealedSecret = sealing.seal(id, secret)
      await createWebhookStore(stored.database).insert({ id, url, events, sealedSecret })
      return id
    },

    /** Lets events happen one after the other; resolves to their ids. */
    async happen(types: EventType[]): Promise<string[]> {
      const drafts = types.map((type) => {
        const id = `${type}:RM_${++count}`
        return { id, type, room: 'room', at: new Date(), data: {} }
      })
      await createLedger(stored.database, queueDeliveries).write(({ append }) => append(drafts))
      return drafts.map(({ id }) => id)
    },

    /** The deliveries of an endpoint, oldest event first, with the ids of their events. */
    deliveriesOf: (webhookId: string) =>
      stored.database
        .selectFrom('deliveries')
        .innerJoin('events', 'events.position', 'deliveries.position')
        .selectAll('deliveries')
        .select('events.id as eventId')
        .where('webhook_id', '=', webhookId)
        .orderBy('deliveries.position')
        .execute(),

    /** An endpoint as the table has it. */
    row: (webhookId: string) =>
      stored.database
        .selectFrom('webhooks')
        .selectAll()
        .where('id', '=', webhookId)
        .executeTakeFirstOrThrow(),
  }
}

/** So many events that a room was created. */
export const rooms = (count: number): EventType[] => Array.from({ length: count }, () => 'room_created')

/** What came of an attempt that was answered with a status. */
export const attemptOf = (statusCode: number) => ({
  at: new Date().toISOString(),
  durationMs: 1,
  statusCode,
  error: statusCode < 300 ? null : ('status' as const),
  address: '127.0.0.1',
  answer: null,
})
