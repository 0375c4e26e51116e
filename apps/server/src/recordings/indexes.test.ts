import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { useDatabase } from '../database/testing.ts'
import { createLedger } from '../events/ledger.ts'
import { queueDeliveries } from '../webhooks/queue-store.ts'
import { createCaptureStore } from './capture/store.ts'
import { createEgressStore } from './egress/store.ts'
import { createRenderStore } from './render/store.ts'
import { createRecordingRetention } from './retention.ts'
import { createRecordingStore } from './store.ts'

const stored = useDatabase()
const nothing = { delete: async () => undefined, deletePrefix: async () => 0 }

/** Everything that is asked of recordings now and then, or by a request. */
async function askEverything(database: Database): Promise<void> {
  const store = createRecordingStore(database)
  const place = { createdAt: new Date(), id: 'EG_1' }
  for (const filter of [{}, { roomId: 'a' }, { status: 'failed' }, { roomId: 'a', status: 'ready' }] as const)
    await store.list({ ...filter, before: place }, 10)
  await store.findActive('a')
  await store.findParts('EG_1')
  const ledger = createLedger(database, queueDeliveries)
  await createCaptureStore(database, ledger, 'one').claim([], 10, false)
  await createEgressStore(database, ledger, 'one').claim([], 10)
  await createRenderStore(database, ledger, 'one').claim([], 10)
  const retention = createRecordingRetention({ database, blobs: nothing, days: 1, tracksDays: 1 })
  for (const forget of Object.values(retention)) await forget()
}

/** How many rows of recordings and renders were looked at so far. */
async function rowsLookedAt(database: Database): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(database)
  const { rows } = await sql<{ count: string }>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as count from pg_stat_user_tables
    where relname in ('recordings', 'renders')`.execute(database)
  return Number(rows[0]?.count)
}

test('no question goes through all recordings, of which there may be a million', async () => {
  const { database } = stored
  const many = 10_000
  await sql`
    insert into recordings (id, room, state, bucket, picture, started_at, ended_at, captured_at)
    select 'EG_' || n, n % 100, 'ready', 'b', '{}', now(), now(), now() from generate_series(1, ${many}) n`.execute(
    database,
  )
  await sql`
    insert into renders (recording_id, name, kind, state, from_ms, until_ms, layout, done_at)
    select id, '00000', 'chunk', 'done', 0, 1, 'grid', now() from recordings`.execute(database)
  await sql`analyze`.execute(database)
  const before = await rowsLookedAt(database)
  await askEverything(database)
  expect(await rowsLookedAt(database)).toBeLessThan(before + many / 10)
})
