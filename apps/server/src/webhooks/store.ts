import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** A registered endpoint. */
export interface WebhookRow {
  id: string
  url: string
  events: string[]
  sealedSecret: Buffer
  status: 'active' | 'disabled'
  disabledReason: string | null
  createdAt: Date
  updatedAt: Date
}

const columns = [
  'id',
  'url',
  'events',
  'sealed_secret as sealedSecret',
  'sealed_old_secret as sealedOldSecret',
  'old_secret_until as oldSecretUntil',
  'status',
  'disabled_reason as disabledReason',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

/** Endpoints as rows. */
export function createWebhookStore(database: Database) {
  return {
    list: () => database.selectFrom('webhooks').select(columns).execute(),

    listSealed: () =>
      database.selectFrom('webhooks').select(['id', 'sealed_secret as sealedSecret']).execute(),

    find: (id: string) =>
      database.selectFrom('webhooks').select(columns).where('id', '=', id).executeTakeFirst(),

    count: async () => {
      const { count } = await database
        .selectFrom('webhooks')
        .select((select) => select.fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    insert: (webhook: { id: string; url: string; events: string[]; sealedSecret: Buffer }) =>
      database
        .insertInto('webhooks')
        .values({
          id: webhook.id,
          url: webhook.url,
          events: webhook.events,
          sealed_secret: webhook.sealedSecret,
        })
        .returning(columns)
        .executeTakeFirstOrThrow(),

    /** Changes what is given; one that becomes active again begins with a clean slate. */
    update: (id: string, changes: { url?: string; events?: string[]; status?: 'active' | 'disabled' }) =>
      database
        .updateTable('webhooks')
        .set({
          ...changes,
          ...(changes.status && { disabled_reason: null }),
          ...(changes.status === 'active' && { failing_since: null, failures: 0 }),
          updated_at: sql<Date>`now()`,
        })
        .where('id', '=', id)
        .returning(columns)
        .executeTakeFirst(),

    /**
     * Puts a new secret in the place of the old one, which goes on signing for a while; with an overlap not while another
     * lasts, whose secret would be dropped before its time. Undefined where nothing was done.
     */
    rotate: (id: string, sealedSecret: Buffer, overlapSeconds: number) =>
      database
        .updateTable('webhooks')
        .set({
          sealed_secret: sealedSecret,
          sealed_old_secret: sql<Buffer>`sealed_secret`,
          old_secret_until: sql<Date>`now() + make_interval(secs => ${overlapSeconds})`,
          updated_at: sql<Date>`now()`,
        })
        .where('id', '=', id)
        .where(sql<boolean>`(${overlapSeconds} = 0 or coalesce(old_secret_until < now(), true))`)
        .returning(columns)
        .executeTakeFirst(),

    /** Puts a secret that was sealed anew in the place of what it was, unless that has changed meanwhile. */
    reseal: (id: string, before: Buffer, sealedSecret: Buffer) =>
      database
        .updateTable('webhooks')
        .set({ sealed_secret: sealedSecret })
        .where('id', '=', id)
        .where('sealed_secret', '=', before)
        .execute(),

    /** Removes an endpoint; its deliveries, which may be very many, are forgotten by and by. */
    async remove(id: string): Promise<boolean> {
      const { rows } = await sql`
        with gone as (delete from webhooks where id = ${id} returning id)
        insert into deleted_webhooks (id) select id from gone returning id`.execute(database)
      return rows.length > 0
    },
  }
}

export type WebhookStore = ReturnType<typeof createWebhookStore>
