import { contentTypeOf } from '@rtcstack/blobs'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createRecordingRetention } from './retention.ts'
import { useRecordings } from './testing.ts'

const kept = useRecordings()
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
const retention = (options: { days?: number; tracksDays?: number }) =>
  createRecordingRetention({ database: kept.database, blobs: kept.blobs, days: 0, tracksDays: 0, ...options })

/** A recording whose file, tracks and an extra render are in the store. */
async function addReady(endedAt: string): Promise<string> {
  const id = await kept.add({
    state: 'ready',
    started_at: endedAt,
    ended_at: endedAt,
    captured_at: endedAt,
    tracks: JSON.stringify([{ trackSid: 'TR_1', files: [] }]),
  })
  const keys = await kept.keys(id)
  for (const key of [keys.file, keys.timeline, keys.part('tracks/a.ogg')])
    await kept.blobs.put(key, 'something', { contentType: contentTypeOf(key) })
  return id
}
const isStored = async (key: string) => (await kept.blobs.stat(key)) !== undefined

test('recordings go when they ended longer ago than the days that are set, and only those', async () => {
  const [old, young] = [await addReady(daysAgo(31)), await addReady(daysAgo(29))]
  const running = await kept.add({ state: 'recording', started_at: daysAgo(40) })
  expect(await retention({ days: 30 }).forgetRecordings()).toBe(1)
  expect((await kept.find(old))?.deleted_at).not.toBeNull()
  for (const id of [young, running]) expect((await kept.find(id))?.deleted_at).toBeNull()
  expect(await retention({ days: 30 }).forgetRecordings()).toBe(0)
})

test('failed recordings go as well, also those that never came to a start', async () => {
  const failed = await kept.add({ state: 'failed', ended_at: daysAgo(31), error: 'nothing-recorded' })
  expect(await retention({ days: 30 }).forgetRecordings()).toBe(1)
  expect((await kept.find(failed))?.deleted_at).not.toBeNull()
})

test('without days nothing is forgotten', async () => {
  const id = await addReady(daysAgo(10_000))
  expect(await retention({}).forgetRecordings()).toBe(0)
  expect(await retention({}).forgetTracks()).toBe(0)
  expect(await kept.find(id)).toMatchObject({ deleted_at: null, tracks_deleted_at: null })
})

test('tracks go by days of their own, with all that tells of them, and the file stays', async () => {
  const [old, young] = [await addReady(daysAgo(8)), await addReady(daysAgo(6))]
  await retention({ tracksDays: 7 }).forgetTracks()
  const [oldKeys, youngKeys] = [await kept.keys(old), await kept.keys(young)]
  expect(await kept.find(old)).toMatchObject({ state: 'ready', deleted_at: null, tracks: [] })
  expect((await kept.find(old))?.tracks_deleted_at).not.toBeNull()
  const stored = await Promise.all(
    [oldKeys.file, oldKeys.timeline, oldKeys.part('tracks/a.ogg'), youngKeys.part('tracks/a.ogg')].map(
      isStored,
    ),
  )
  expect(stored).toEqual([true, false, false, true])
  expect((await kept.find(young))?.tracks).toHaveLength(1)
  expect(await retention({ tracksDays: 7 }).forgetTracks()).toBe(0)
})

test('tracks of what is not captured to the end are left alone', async () => {
  const id = await kept.add({
    state: 'failed',
    started_at: daysAgo(9),
    ended_at: daysAgo(9),
    error: 'storage-full',
  })
  await retention({ tracksDays: 7 }).forgetTracks()
  expect((await kept.find(id))?.tracks_deleted_at).toBeNull()
})

test('what was rendered beside a file goes after a day, and what is queued or part of the file does not', async () => {
  const id = await addReady(daysAgo(3))
  const keys = await kept.keys(id)
  const add = (name: string, kind: string, state: string, doneAt: string | null) =>
    sql`insert into renders (recording_id, name, kind, state, from_ms, until_ms, layout, done_at)
      values (${id}, ${name}, ${kind}, ${state}, 0, 1, 'grid', ${doneAt})`.execute(kept.database)
  await add('RN_old', 'extra', 'done', daysAgo(1.1))
  await add('RN_young', 'extra', 'done', daysAgo(0.9))
  await add('RN_queued', 'extra', 'queued', null)
  await add('00000', 'chunk', 'done', daysAgo(3))
  for (const name of ['RN_old', 'RN_young'])
    await kept.blobs.put(keys.extra(name), 'a movie', { contentType: 'video/mp4' })
  expect(await retention({}).forgetExtraRenders()).toBe(1)
  expect([await isStored(keys.extra('RN_old')), await isStored(keys.extra('RN_young'))]).toEqual([
    false,
    true,
  ])
  const { rows } = await sql<{ name: string }>`
    select name from renders where recording_id = ${id} order by name`.execute(kept.database)
  expect(rows.map(({ name }) => name)).toEqual(['00000', 'RN_queued', 'RN_young'])
})

test('how a file was made is forgotten a day after, and not while the file is being made', async () => {
  const made = await addReady(daysAgo(3))
  const making = await kept.add({ state: 'recording', started_at: daysAgo(3) })
  for (const id of [made, making])
    for (const [name, doneAt] of [
      ['00000', daysAgo(1.1)],
      ['00001', daysAgo(0.9)],
    ])
      await sql`insert into renders (recording_id, name, kind, state, from_ms, until_ms, layout, done_at)
        values (${id}, ${name}, 'chunk', 'done', 0, 1, 'grid', ${doneAt})`.execute(kept.database)
  const namesOf = async (id: string) => {
    const { rows } = await sql<{ name: string }>`
      select name from renders where recording_id = ${id} order by name`.execute(kept.database)
    return rows.map(({ name }) => name)
  }
  await retention({}).forgetFinishedRenders()
  expect([await namesOf(made), await namesOf(making)]).toEqual([['00001'], ['00000', '00001']])
})

test('a start that nobody took is forgotten after a minute, or whose taker is gone, and no other', async () => {
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()
  const starts = [
    await kept.add({ created_at: ago(61) }),
    await kept.add({ created_at: ago(61), claimed_by: 'gone', lease_until: ago(1) }),
    await kept.add({ created_at: ago(55) }),
    await kept.add({ created_at: ago(61), claimed_by: 'there', lease_until: ago(-10) }),
    await kept.add({ created_at: ago(61), claimed_by: 'gone', lease_until: ago(1), engine_id: 'EG_other' }),
  ]
  expect(await retention({}).forgetUnclaimed()).toBe(2)
  const areThere = await Promise.all(starts.map(async (id) => (await kept.find(id)) !== undefined))
  expect(areThere).toEqual([false, false, true, true, true])
})
