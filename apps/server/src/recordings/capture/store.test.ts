import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { useRecordings } from '../testing.ts'
import { createCaptureStore } from './store.ts'

const kept = useRecordings()
const storeOf = (claimant: string) => createCaptureStore(kept.database, kept.ledger, claimant)
const startedAt = new Date('2026-01-01T12:00:00.000Z')
const chunk = { name: '00000', fromMs: 0, untilMs: 30_000, isFirst: true, isLast: false }
const claimed = async (claimant: string, held: string[] = []) =>
  (await storeOf(claimant).claim(held, 100, false)).map(({ id }) => id)
const eventsOf = async (id: string) => {
  const { rows } = await sql<{ type: string; data: Record<string, unknown> }>`
    select type, body::jsonb -> 'data' as data from events where room = ${`room ${id}`} order by sequence`.execute(
    kept.database,
  )
  return rows
}

test('what one has claimed no other takes before its lease is over, and then it does', async () => {
  const id = await kept.add()
  expect(await claimed('one')).toEqual([id])
  expect(await claimed('two')).toEqual([])
  await kept.endLeases()
  expect(await claimed('two')).toEqual([id])
  expect((await storeOf('one').renew([id])).has(id)).toBe(false)
  expect(await storeOf('one').started(id, startedAt, 'key')).toBe(false)
  await storeOf('two').failed(id, 'nothing-recorded', 'stopped')
})

test('the same claimant takes at once what it had, but for what it holds', async () => {
  const id = await kept.add()
  expect(await claimed('one')).toEqual([id])
  expect(await claimed('one', [id])).toEqual([])
  expect(await claimed('one')).toEqual([id])
  await storeOf('one').failed(id, 'nothing-recorded', 'stopped')
})

test('a lease that is renewed is not over', async () => {
  const id = await kept.add()
  await claimed('one')
  await kept.endLeases()
  expect((await storeOf('one').renew([id])).has(id)).toBe(true)
  expect(await claimed('two')).toEqual([])
  await storeOf('one').failed(id, 'nothing-recorded', 'stopped')
})

test('what is given back is free at once, and only its holder gives it back', async () => {
  const id = await kept.add()
  await claimed('one')
  await storeOf('two').release([id])
  expect(await claimed('two')).toEqual([])
  await storeOf('one').release([id])
  expect(await claimed('two')).toEqual([id])
  await storeOf('two').failed(id, 'nothing-recorded', 'stopped')
})

test('many who claim at once never get the same, nor more than they ask for', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => kept.add()))
  const got = await Promise.all(
    Array.from({ length: 10 }, async (_, index) =>
      (await storeOf(`many ${index}`).claim([], 3, false)).map(({ id }) => id),
    ),
  )
  for (const some of got) expect(some.length).toBeLessThanOrEqual(3)
  expect(new Set(got.flat()).size).toBe(got.flat().length)
  expect(got.flat().every((id) => ids.includes(id))).toBe(true)
  await sql`delete from recordings where id = any(${ids})`.execute(kept.database)
})

test('the newest come first, and to a worker without a place comes none', async () => {
  const old = await kept.add({ created_at: new Date(Date.now() - 60_000).toISOString(), state: 'recording' })
  const young = await kept.add({ state: 'recording' })
  expect(await storeOf('one').claim([], -1, false)).toEqual([])
  expect((await storeOf('one').claim([], 1, false)).map(({ id }) => id)).toEqual([young])
  expect(await claimed('one', [young])).toEqual([old])
  await kept.database.deleteFrom('recordings').where('id', 'in', [old, young]).execute()
})

test('who only ends recordings claims what it has had, and no start', async () => {
  const lease_until = new Date(0).toISOString()
  const ids = [
    await kept.add({ state: 'recording', claimed_by: 'one', lease_until }),
    await kept.add({ state: 'starting', claimed_by: 'one', lease_until }),
    await kept.add({ state: 'recording', claimed_by: 'two', lease_until }),
    await kept.add({ state: 'recording' }),
  ]
  expect((await storeOf('one').claim([], 100, true)).map(({ id }) => id)).toEqual(ids.slice(0, 1))
  await kept.database.deleteFrom('recordings').where('id', 'in', ids).execute()
})

test('what LiveKit’s Egress records is not captured', async () => {
  const id = await kept.add({ engine_id: 'EG_theirs', state: 'recording' })
  expect(await claimed('one')).toEqual([])
  await kept.database.deleteFrom('recordings').where('id', '=', id).execute()
})

test('who renews hears what is wanted, and nothing of what was given up', async () => {
  const ids = [await kept.add(), await kept.add(), await kept.add(), await kept.add()] as const
  await claimed('one')
  const [, over, paused, failed] = ids
  await sql`update recordings set state = 'processing' where id = ${over}`.execute(kept.database)
  await sql`update recordings set wants_pause = true where id = ${paused}`.execute(kept.database)
  await sql`update recordings set state = 'failed' where id = ${failed}`.execute(kept.database)
  const wishes = await storeOf('one').renew([...ids])
  expect(ids.map((id) => wishes.get(id))).toEqual([
    { isOver: false, wantsPause: false },
    { isOver: true, wantsPause: false },
    { isOver: false, wantsPause: true },
    undefined,
  ])
  await kept.database.deleteFrom('recordings').where('id', 'in', ids).execute()
})

test('who has lost a recording neither ends nor fails it, nor says that all of it is stored', async () => {
  const id = await kept.add({ state: 'recording', started_at: startedAt.toISOString() })
  await claimed('one')
  await kept.endLeases()
  await claimed('two')
  const late = storeOf('one')
  expect(await late.ended(id, { reason: 'stopped', durationMs: 1_000 })).toBeUndefined()
  expect(await late.failed(id, 'nothing-recorded', 'stopped')).toBe(false)
  await storeOf('two').ended(id, { reason: 'stopped', durationMs: 2_000 })
  await late.captured(id, 'grid', 1_000, [])
  await late.queueChunks(id, 'grid', [chunk])
  expect(await late.queuedUntilMs(id)).toBe(0)
  expect(await kept.find(id)).toMatchObject({
    state: 'processing',
    claimed_by: 'two',
    captured_at: null,
    duration_ms: '2000',
  })
  expect(await eventsOf(id)).toEqual([])
  await kept.database.deleteFrom('recordings').where('id', '=', id).execute()
})

test('what has failed has nobody, and does not fail once more', async () => {
  const id = await kept.add({ started_at: startedAt.toISOString(), state: 'recording' })
  const store = storeOf('one')
  await claimed('one')
  expect(await store.failed(id, 'storage-full', 'stopped')).toBe(true)
  expect(await kept.find(id)).toMatchObject({ claimed_by: null, lease_until: null, error: 'storage-full' })
  await sql`update recordings set claimed_by = 'one' where id = ${id}`.execute(kept.database)
  expect(await store.failed(id, 'server-lost', 'stopped')).toBe(false)
  expect(await eventsOf(id)).toHaveLength(1)
})

test('at the end failed chunks get another chance, and one that reaches beyond the end is made anew', async () => {
  const id = await kept.add({ state: 'processing', started_at: startedAt.toISOString() })
  await claimed('one')
  const second = { name: '00001', fromMs: 30_000, untilMs: 60_000, isFirst: false, isLast: false }
  await storeOf('one').queueChunks(id, 'grid', [chunk, second])
  await sql`update renders set state = 'failed', tries = 5 where recording_id = ${id}`.execute(kept.database)
  await storeOf('one').captured(id, 'grid', 59_000, [])
  const { rows } = await sql`
    select name, state, tries, until_ms::int as until, is_last from renders
    where recording_id = ${id} and kind = 'chunk' order by name`.execute(kept.database)
  expect(rows).toEqual([
    { name: '00000', state: 'queued', tries: 0, until: 30_000, is_last: false },
    { name: '00001', state: 'queued', tries: 0, until: 59_000, is_last: true },
  ])
  await kept.database.deleteFrom('recordings').where('id', '=', id).execute()
})

test('the start is written and told once', async () => {
  const id = await kept.add()
  const store = storeOf('one')
  await claimed('one')
  expect(await store.started(id, startedAt, 'key')).toBe(true)
  expect(await store.started(id, new Date(), 'other')).toBe(false)
  expect(await kept.find(id)).toMatchObject({ state: 'recording', started_at: startedAt, key: 'key' })
  expect(await eventsOf(id)).toEqual([
    {
      type: 'recording_started',
      data: { egressId: id, roomId: `room ${id}`, status: 'recording', startedAt: startedAt.toISOString() },
    },
  ])
  await store.failed(id, 'recorder-failed', 'recorder-failed')
  expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['recording_started', 'recording_stopped'])
})

test('the first reason for an end stays, and what is captured is free of its holder and queued', async () => {
  const id = await kept.add()
  const store = storeOf('one')
  await claimed('one')
  await store.started(id, startedAt, 'key')
  await store.ended(id, { reason: 'room-closed', durationMs: 40_000.4 })
  await store.ended(id, { reason: 'stopped', durationMs: 40_000.4 })
  expect(await kept.find(id)).toMatchObject({
    state: 'processing',
    end_reason: 'room-closed',
    duration_ms: '40000',
  })
  await store.queueChunks(id, 'grid', [chunk])
  await store.queueChunks(id, 'grid', [chunk])
  expect(await store.queuedUntilMs(id)).toBe(30_000)
  await store.captured(id, 'grid', 40_000, [])
  expect(await kept.find(id)).toMatchObject({ claimed_by: null, lease_until: null })
  const { rows } = await sql<{ name: string }>`
    select name from renders where recording_id = ${id} order by name`.execute(kept.database)
  expect(rows.map(({ name }) => name)).toEqual(['00000', '00001', 'file'])
  expect(await claimed('two')).toEqual([])
})

test('a recording that was deleted is not captured, nor written to', async () => {
  const id = await kept.add()
  await claimed('one')
  await sql`update recordings set deleted_at = now() where id = ${id}`.execute(kept.database)
  expect(await storeOf('one').started(id, startedAt, 'key')).toBe(false)
  expect((await storeOf('one').renew([id])).size).toBe(0)
  expect(await claimed('one')).toEqual([])
  expect(await eventsOf(id)).toEqual([])
})

test('a room has one recording that runs, whatever is tried', async () => {
  const room = 'the only one'
  await kept.add({ room })
  await expect(kept.add({ room })).rejects.toThrow('recordings_active')
  await sql`update recordings set state = 'processing' where room = ${room}`.execute(kept.database)
  await kept.add({ room })
})

test.each(['starting', 'failed', 'ready'])('what is %s is not captured to its end', async (state) => {
  const id = await kept.add({ state, claimed_by: 'one', started_at: startedAt.toISOString() })
  expect(await storeOf('one').ended(id, { reason: 'stopped', durationMs: 2_000 })).toBeUndefined()
  await storeOf('one').captured(id, 'grid', 2_000, [])
  const { rows } = await sql`select from renders where recording_id = ${id}`.execute(kept.database)
  expect([(await kept.find(id))?.captured_at, rows.length]).toEqual([null, 0])
  await kept.database.deleteFrom('recordings').where('id', '=', id).execute()
})

test('a recording that was without a recorder for minutes has ended, and another one goes on', async () => {
  const lease = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000).toISOString()
  const at = { started_at: startedAt.toISOString(), state: 'recording', claimed_by: 'two' }
  const [old, young] = [
    await kept.add({ ...at, lease_until: lease(301) }),
    await kept.add({ ...at, lease_until: lease(290) }),
  ]
  const rows = await storeOf('two').claim([], 100, false)
  const seen = new Map(rows.map(({ id, state, endReason }) => [id, [state, endReason]]))
  expect(seen.get(old)).toEqual(['processing', 'server-lost'])
  expect(seen.get(young)).toEqual(['recording', null])
  await storeOf('two').ended(old, { reason: 'stopped', durationMs: 2_000 })
  expect(await kept.find(old)).toMatchObject({ state: 'processing', end_reason: 'server-lost' })
  await kept.database.deleteFrom('recordings').where('id', 'in', [old, young]).execute()
})

test('a recording that was given back keeps since when nobody has it', async () => {
  const id = await kept.add({ state: 'recording', claimed_by: 'one', started_at: startedAt.toISOString() })
  await storeOf('one').release([id])
  const row = await kept.find(id)
  expect([row?.claimed_by, Date.now() - Number(row?.lease_until) < 60_000]).toEqual([null, true])
  await kept.database.deleteFrom('recordings').where('id', '=', id).execute()
})

test('a start that nobody waits for any more is not begun after all', async () => {
  const id = await kept.add({ created_at: new Date(Date.now() - 6_000).toISOString(), claimed_by: 'one' })
  expect(await claimed('one')).toEqual([])
  await kept.database.deleteFrom('recordings').where('id', '=', id).execute()
})

test('files are kept of what is not in the store, also where another server took this one for lost', async () => {
  const failed = (error: string) => kept.add({ state: 'failed', error, ended_at: startedAt.toISOString() })
  const ids = [
    await kept.add({ state: 'recording' }),
    await failed('storage-refused'),
    await failed('server-lost'),
    await failed('recorder-failed'),
    await kept.add({ state: 'ready', captured_at: startedAt.toISOString() }),
    await kept.add({ state: 'processing', deleted_at: startedAt.toISOString() }),
  ]
  const found = await storeOf('one').uncaptured([...ids, 'EG_unknown'])
  expect(ids.map((id) => found.includes(id))).toEqual([true, true, true, false, false, false])
  await kept.database.deleteFrom('recordings').where('id', 'in', ids).execute()
})
