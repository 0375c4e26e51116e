import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { useDatabase } from '../../database/testing.ts'
import { createLedger } from '../../events/ledger.ts'
import { createRenderStore } from './store.ts'

const fixture = useDatabase()
const made = { sizeBytes: 1, durationMs: 1_000 }

const renders = (claimant: string) => {
  const { database } = fixture
  const ledger = createLedger(database, () => sql`select null::text as webhook_id where false`)
  return createRenderStore(database, ledger, claimant)
}

/** A recording of one chunk, all of which is in the store or not yet. */
async function record(isCaptured: boolean): Promise<void> {
  await sql`
    insert into recordings (id, room, state, bucket, picture, started_at, captured_at, claimed_by)
    values ('EG_1', 'a', 'processing', 'b', '{}', now(), ${isCaptured ? new Date() : null}, null)`.execute(
    fixture.database,
  )
  await sql`
    insert into renders (recording_id, name, kind, from_ms, until_ms, layout)
    values ('EG_1', '00000', 'chunk', 0, 1000, 'screen'), ('EG_1', 'file', 'file', 0, 1000, 'screen')`.execute(
    fixture.database,
  )
}
async function claimOne(store: ReturnType<typeof renders>) {
  const [claim] = await store.claim([], 1)
  if (!claim) throw new Error('there was nothing to claim')
  return claim
}
const stateNow = async () => {
  const { rows } = await sql<{ state: string; error: string | null; kinds: string[]; told: string }>`
    select state, error, (select array_agg(kind || ' ' || renders.state order by kind) from renders) as kinds,
      (select count(*)::int from events where type = 'recording_stopped') as told from recordings`.execute(
    fixture.database,
  )
  return rows[0]
}

beforeEach(() => sql`truncate recordings, events cascade`.execute(fixture.database))

test('a file that is there leaves its pieces to be cleared, and is told of once', async () => {
  await record(true)
  const store = renders('first')
  await store.done(await claimOne(store), made)
  const file = await claimOne(store)
  await store.ready(file, made)
  await store.ready(file, made)
  expect(await stateNow()).toMatchObject({
    state: 'ready',
    kinds: ['chunk done', 'clearing queued', 'file done'],
    told: 1,
  })
})

test('a chunk that does not work before all that was captured is stored does not fail the recording', async () => {
  await record(false)
  const store = renders('first')
  await store.failed(await claimOne(store), 'no', 'render-failed')
  expect(await stateNow()).toMatchObject({ state: 'processing', error: null, told: 0 })
})

test('a chunk that does not work when all is captured fails the recording, and its pieces are cleared', async () => {
  await record(true)
  const store = renders('first')
  await store.failed(await claimOne(store), 'no', 'render-failed')
  expect(await stateNow()).toMatchObject({
    state: 'failed',
    error: 'render-failed',
    kinds: ['chunk failed', 'clearing queued'],
    told: 1,
  })
})

test('who has lost the claim fails nothing', async () => {
  await record(true)
  const claim = await claimOne(renders('first'))
  await sql`update renders set lease_until = now() - interval '1 second'`.execute(fixture.database)
  await claimOne(renders('second'))
  await renders('first').failed(claim, 'no', 'render-failed')
  expect(await stateNow()).toMatchObject({ state: 'processing', told: 0 })
})
