import { eventually } from '@rtcstack/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createRecordingBells } from './bell.ts'
import { createRecordingService, type RecordingService } from './service.ts'
import { createRecordingStore, type RecordingStore } from './store.ts'

const stored = useDatabase()
const picture = { width: 1280, height: 720, fps: 25, crf: 25, layout: 'screen' } as const
let store: RecordingStore
let service: RecordingService

beforeEach(async () => {
  await stored.database.insertInto('workers').values({ id: 'one', role: 'record', capacity: 10 }).execute()
  store = createRecordingStore(stored.database)
  service = serve(store)
})
afterEach(async () => {
  await stored.database.deleteFrom('recordings').execute()
  await stored.database.deleteFrom('workers').execute()
})

/** The service of a server, in rooms that are all there but for one. */
const serve = (given: RecordingStore) =>
  createRecordingService({
    store: given,
    bells: createRecordingBells(),
    livekit: {
      listRooms: async (names = []) =>
        names.filter((name) => name !== 'nowhere').map((name) => ({ name })) as never,
    },
    bucket: 'recordings',
    picture,
    canPause: true,
  })

const rowsOf = (room: string) => store.list({ roomId: room }, 10)

/** What a worker does: claims the recording of a room, and writes its first media. */
async function claim(room: string): Promise<string> {
  const id = await eventually(async () => (await store.findActive(room))?.id ?? false)
  await sql`update recordings set claimed_by = 'one', lease_until = now() + interval '15 s' where id = ${id}`.execute(
    stored.database,
  )
  return id
}
const begin = (id: string) =>
  sql`update recordings set state = 'recording', started_at = now() where id = ${id} and state = 'starting'`.execute(
    stored.database,
  )

/** A recording that began to start some time ago, on a server that is gone. */
async function leaveBehind(room: string, claimant: string | null): Promise<void> {
  await store.begin('EG_leftbehind', room, 'recordings', picture)
  await sql`update recordings set created_at = now() - interval '10 s', claimed_by = ${claimant}`.execute(
    stored.database,
  )
}

test('two who start at once get the same recording, and one of them has started it', async () => {
  const starting = Promise.all([service.start('pair'), serve(store).start('pair')])
  await begin(await claim('pair'))
  const [one, other] = await starting
  expect(one.recording).toEqual(other.recording)
  expect([one.isNew, other.isNew].sort()).toEqual([false, true])
  expect(await rowsOf('pair')).toHaveLength(1)
})

test.each([
  ['a room that is not there', 'nowhere', 'not-found'],
  ['a start that no worker takes', 'untaken', 'recorder-capacity'],
])('%s is refused, and nothing is left of it', async (_, room, slug) => {
  await expect(service.start(room)).rejects.toMatchObject({ slug })
  expect(await rowsOf(room)).toEqual([])
})

test('without a worker a start is refused at once', async () => {
  await stored.database.deleteFrom('workers').execute()
  await expect(service.start('call')).rejects.toMatchObject({ slug: 'recorder-capacity' })
})

test('a worker that is too slow has its recording given up, and cannot begin it any more', async () => {
  const starting = service.start('slow')
  const id = await claim('slow')
  await expect(starting).rejects.toMatchObject({ slug: 'recorder-capacity' })
  await begin(id)
  expect((await store.find(id))?.state).toBe('failed')
  expect(await service.status('slow')).toMatchObject({ isRecording: false })
})

test('a recording that starts at the moment when it is given up has started', async () => {
  const late = serve({
    ...store,
    giveUp: async (id, limitMs) => {
      await begin(id)
      return store.giveUp(id, limitMs)
    },
  })
  const { isNew, recording } = await late.start('late')
  expect({ isNew, state: (await store.find(recording.egressId))?.state }).toEqual({
    isNew: true,
    state: 'recording',
  })
})

test('a recording that is over before a second start has seen it does not hinder that', async () => {
  let isFirst = true
  const overtaken = serve({
    ...store,
    begin: async (...row) => {
      if (!isFirst) return store.begin(...row)
      isFirst = false
      await store.begin('EG_overtaker', 'again', 'recordings', picture)
      const hasBegun = await store.begin(...row)
      await sql`update recordings set state = 'failed' where id = 'EG_overtaker'`.execute(stored.database)
      return hasBegun
    },
  })
  const starting = overtaken.start('again')
  await eventually(async () => (await rowsOf('again')).length === 2)
  await begin(await claim('again'))
  expect((await starting).isNew).toBe(true)
})

test.each([
  ['nobody has claimed', null],
  ['a server that is gone has claimed', 'gone'],
])('a start that %s and nobody waits for does not keep the room from being recorded', async (_, claimant) => {
  await leaveBehind('left', claimant)
  const starting = service.start('left')
  await eventually(async () => (await store.findActive('left'))?.id !== 'EG_leftbehind')
  await begin(await claim('left'))
  expect((await starting).isNew).toBe(true)
})

test('a stop of a start that nobody waits for leaves nothing that could still begin', async () => {
  await leaveBehind('left', 'gone')
  await expect(service.stop('left')).rejects.toMatchObject({ slug: 'not-found' })
  await begin('EG_leftbehind')
  expect(await service.status('left')).toMatchObject({ isRecording: false })
})

test('a recording that is just starting is stopped as soon as it has', async () => {
  const starting = service.start('brief')
  const id = await claim('brief')
  const stopping = service.stop('brief')
  await begin(id)
  expect(await stopping).toMatchObject({ egressId: id, status: 'stopped' })
  expect((await starting).recording.egressId).toBe(id)
  expect(await store.find(id)).toMatchObject({ state: 'processing', endReason: 'stopped' })
})

test('of two who stop one is told when, and the room may have another recording at once', async () => {
  const starting = service.start('call')
  await begin(await claim('call'))
  await starting
  const results = await Promise.allSettled([service.stop('call'), serve(store).stop('call')])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const again = service.start('call')
  await begin(await claim('call'))
  expect((await again).isNew).toBe(true)
})

test('who pauses while somebody else resumes is told so', async () => {
  const starting = service.start('call')
  const id = await claim('call')
  await begin(id)
  await starting
  const pausing = service.pause('call')
  await eventually(async () => (await store.find(id))?.wantsPause === true)
  await service.resume('call')
  await expect(pausing).rejects.toMatchObject({ slug: 'conflict' })
})
