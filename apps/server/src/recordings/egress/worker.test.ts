import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDiskBlobStore, type DiskBlobStore } from '@rtcstack/blobs'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type DatabaseSession, openDatabaseSession } from '../../database/session.ts'
import { useDatabase } from '../../database/testing.ts'
import { createLedger } from '../../events/ledger.ts'
import { queueDeliveries } from '../../webhooks/queue-store.ts'
import { createRecordingBells } from '../bell.ts'
import { createRecordingCatalogue } from '../catalogue.ts'
import { recordingsChannel } from '../channels.ts'
import { startRecordingRemoval } from '../removal.ts'
import { createRecordingService, type RecordingService } from '../service.ts'
import { createRecordingStore, type RecordingStore } from '../store.ts'
import type { RecordingWorker } from '../worker.ts'
import { createEgressEngine } from './engine.ts'
import { createEgressStore } from './store.ts'
import { type EgressStub, fileStartedAtMs, startEgressStub, stubKeys } from './testing.ts'
import { startEgressWorker } from './worker.ts'

const stored = useDatabase()
const log = pino({ level: 'silent' })
const bells = createRecordingBells()
const content = 'a film'
let directory: string
let blobs: DiskBlobStore
let session: DatabaseSession
let livekit: EgressStub
let people: number
let limits: { maxMinutes: number; emptyRoomSeconds: number }
let workers: RecordingWorker[]
let store: RecordingStore
let service: RecordingService

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'egress-'))
  blobs = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
  await blobs.prepare()
  workers = []
  session = openDatabaseSession({
    url: stored.url,
    log,
    channels: [recordingsChannel],
    onNotification: (_, id) => {
      bells.ring(id)
      for (const worker of workers) worker.wake()
    },
    onListening: () => undefined,
  })
  store = createRecordingStore(stored.database)
})
afterAll(async () => {
  await session.close()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(async () => {
  livekit = await startEgressStub()
  people = 2
  limits = { maxMinutes: 0, emptyRoomSeconds: 0 }
  service = createRecordingService({
    store,
    bells,
    livekit: { listRooms: async (names = []) => names.map((name) => ({ name })) as never },
    bucket: 'recordings',
    picture: { width: 1280, height: 720, fps: 25, crf: 25, layout: 'single' },
    canPause: false,
  })
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()))
  livekit.close()
  await stored.database.deleteFrom('recordings').execute()
  await stored.database.deleteFrom('workers').execute()
})

const ledger = () => createLedger(stored.database, queueDeliveries)

/** A worker, as a server of that DATA_DIR has one. */
async function work(id = 'one'): Promise<RecordingWorker> {
  const output = {
    endpoint: 'http://minio:9000',
    bucket: 'recordings',
    accessKey: 'a',
    secret: 's',
    region: 'r',
  }
  const worker = startEgressWorker({
    engine: createEgressEngine({ url: livekit.url, ...stubKeys }, output),
    store: createEgressStore(stored.database, ledger(), id),
    blobs,
    countPeople: async () => people,
    limits,
    maxRecordings: 2,
    log,
  })
  await stored.database
    .insertInto('workers')
    .values({ id, role: 'record', capacity: 2 })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  workers.push(worker)
  return worker
}

const find = async (id: string) => {
  const row = await store.find(id)
  if (!row) throw new Error('there is no such recording')
  return row
}
const whenState = (id: string, state: string) => eventually(async () => (await find(id)).state === state)
const eventsOf = async (room: string) =>
  (
    await stored.database.selectFrom('events').select(['type', 'body']).where('room', '=', room).execute()
  ).map(({ type, body }) => ({ type, data: JSON.parse(body).data }))

/** Starts a recording whose egress begins at once. */
async function record(room: string): Promise<string> {
  const before = livekit.egresses.size
  const starting = service.start(room)
  await eventually(() => livekit.egresses.size > before)
  livekit.next('EGRESS_ACTIVE')
  return (await starting).recording.egressId
}

/** Has the newest egress end well, with its file in the store. */
async function complete(id: string, status = 'EGRESS_COMPLETE'): Promise<void> {
  await blobs.put(keyOfEgress(), content, { contentType: 'video/mp4' })
  livekit.next(status, { size: content.length, seconds: 5 })
  await whenState(id, 'ready')
}
const keyOfEgress = () =>
  [...livekit.egresses.values()].at(-1)?.room_composite.file_outputs[0]?.filepath ?? ''

test('a recording goes from the request to a file in the store, under our id and LiveKit’s', async () => {
  await work()
  const starting = service.start('call')
  await eventually(() => livekit.egresses.size === 1)
  expect((await store.findActive('call'))?.state).toBe('starting')
  livekit.next('EGRESS_ACTIVE')
  const { isNew, recording } = await starting
  const id = recording.egressId
  expect({ isNew, startedAt: recording.startedAt }).toEqual({
    isNew: true,
    startedAt: new Date(fileStartedAtMs).toISOString(),
  })

  expect(livekit.asked.find(({ method }) => method === 'StartRoomCompositeEgress')?.body).toMatchObject({
    roomName: 'call',
    layout: 'single-speaker',
    advanced: { width: 1280, height: 720, framerate: 25 },
    fileOutputs: [
      {
        fileType: 'MP4',
        filepath: expect.stringMatching(
          new RegExp(`^call/20\\d\\d-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ-${id}\\.mp4$`),
        ),
        disableManifest: true,
        s3: {
          endpoint: 'http://minio:9000',
          bucket: 'recordings',
          accessKey: 'a',
          secret: 's',
          region: 'r',
          forcePathStyle: true,
        },
      },
    ],
  })

  expect(await service.stop('call')).toMatchObject({ egressId: id, status: 'stopped' })
  await eventually(() => livekit.count('StopEgress') > 0)
  await complete(id)
  expect(await createRecordingCatalogue(store).get(id)).toMatchObject({
    status: 'ready',
    endReason: 'stopped',
    durationMs: 5_000,
    sizeBytes: content.length,
    key: keyOfEgress(),
    tracks: [],
    parts: [],
  })
  expect((await find(id)).engineId).toBe('EG_livekit1')
  expect((await eventsOf('call')).map(({ type }) => type)).toEqual(['recording_started', 'recording_stopped'])
})

test('a room that closes ends its recording, and a limit of Egress counts as a duration that is over', async () => {
  await work()
  const closed = await record('closed')
  livekit.next('EGRESS_ENDING')
  await whenState(closed, 'processing')
  await complete(closed)
  const limited = await record('limited')
  await complete(limited, 'EGRESS_LIMIT_REACHED')
  expect([(await find(closed)).endReason, (await find(limited)).endReason]).toEqual([
    'room-closed',
    'max-duration',
  ])
  expect(livekit.count('StopEgress')).toBe(0)
})

test.each([
  ['nobody is in the room', 'room-empty', { maxMinutes: 0, emptyRoomSeconds: 1 }],
  ['it is as long as it may be', 'max-duration', { maxMinutes: 1, emptyRoomSeconds: 0 }],
])('a recording ends when %s', async (_, reason, given) => {
  limits = given
  people = 0
  await work()
  const id = await record(reason)
  await eventually(() => livekit.count('StopEgress') > 0)
  await complete(id)
  expect((await find(id)).endReason).toBe(reason)
})

test.each([
  ['EGRESS_ABORTED', 'Start signal not received', 'recorder-failed'],
  ['EGRESS_FAILED', 'not enough CPU', 'recorder-failed'],
  ['EGRESS_FAILED', 'S3 upload failed: AccessDenied', 'storage-refused'],
])('an egress that is %s with “%s” is %s', async (status, error, ours) => {
  await work()
  const id = await record('failing')
  livekit.next(status, { error })
  await whenState(id, 'failed')
  expect(await find(id)).toMatchObject({ error: ours, endReason: 'recorder-failed' })
  const told = (await eventsOf('failing')).filter(({ data }) => data.egressId === id).at(-1)
  expect(told).toMatchObject({ type: 'recording_stopped', data: { status: 'failed', error: ours } })
  expect(JSON.stringify(told)).not.toContain(error)
})

test('an egress that aborts before it began refuses the start', async () => {
  await work()
  const starting = service.start('silent')
  await eventually(() => livekit.egresses.size === 1)
  livekit.next('EGRESS_ABORTED', { error: 'Start signal not received' })
  await expect(starting).rejects.toMatchObject({ status: 503, slug: 'recorder-capacity' })
  expect(await service.status('silent')).toMatchObject({ isRecording: false })
})

test.each([
  ['all workers are busy', { status: 429, code: 'resource_exhausted', msg: 'secret inner words' }],
  ['no worker answers', { status: 503, code: 'unavailable', msg: 'no response from servers' }],
  ['there is no Redis', { status: 500, code: 'internal', msg: 'egress not connected (redis required)' }],
])('a start is refused with recorder-capacity when %s', async (_, refusal) => {
  livekit.refusals.set('StartRoomCompositeEgress', refusal)
  await work()
  const startedAt = performance.now()
  const refused = await service.start('busy').catch((error: Error) => error)
  expect(refused).toMatchObject({ status: 503, slug: 'recorder-capacity' })
  expect(JSON.stringify(refused)).not.toContain(refusal.msg)
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test('an egress that does not begin within 5 seconds is refused, stopped, and leaves no file', async () => {
  await work()
  const starting = service.start('slow')
  await eventually(() => livekit.egresses.size === 1)
  const key = keyOfEgress()
  await blobs.put(key, content, { contentType: 'video/mp4' })
  await expect(starting).rejects.toMatchObject({ slug: 'recorder-capacity' })
  await eventually(() => livekit.count('StopEgress') > 0)
  await eventually(async () => (await blobs.stat(key)) === undefined)
})

test('an egress that began without our hearing of it is found, and no second one is started', async () => {
  livekit.refusals.set('StartRoomCompositeEgress', 'begins unheard')
  await work()
  await expect(service.start('unheard')).rejects.toMatchObject({ slug: 'recorder-capacity' })
  await eventually(() => livekit.count('StopEgress') > 0)
  expect(livekit.count('StartRoomCompositeEgress')).toBe(1)
})

test('a file that is not in the store as Egress tells is no file', async () => {
  await work()
  const id = await record('lost')
  livekit.next('EGRESS_COMPLETE', { size: content.length, seconds: 5 })
  await whenState(id, 'failed')
  expect((await find(id)).error).toBe('storage-refused')
})

test('another start of the server goes on with the same egress', async () => {
  const before = await work()
  const id = await record('restarted')
  workers.splice(0)
  await before.close()
  await service.stop('restarted')
  await work()
  await eventually(() => livekit.count('StopEgress') > 0)
  await complete(id)
  expect(livekit.count('StartRoomCompositeEgress')).toBe(1)
})

test('a worker whose lease was taken leaves the recording to the other one', async () => {
  const loser = await work('loser')
  const id = await record('taken')
  await stored.database
    .updateTable('recordings')
    .set({ claimed_by: 'winner', lease_until: new Date(Date.now() + 60_000) })
    .where('id', '=', id)
    .execute()
  loser.wake()
  await service.stop('taken')
  await loser.close()
  expect(livekit.count('StopEgress')).toBe(0)
  workers.splice(0)
  await work('winner')
  await eventually(() => livekit.count('StopEgress') > 0)
  await complete(id)
})

test('what is deleted while its file is made is removed when Egress has stored it', async () => {
  await work()
  const id = await record('deleted')
  await service.stop('deleted')
  const removal = startRecordingRemoval({
    database: stored.database,
    ledger: ledger(),
    blobs,
    audit: { note: async () => undefined },
    claimant: 'one removal',
    log,
  })
  await eventually(() => livekit.count('StopEgress') > 0)
  await removal.remove(id)
  const key = keyOfEgress()
  await blobs.put(key, content, { contentType: 'video/mp4' })
  livekit.next('EGRESS_COMPLETE', { size: content.length, seconds: 5 })
  await eventually(async () => (await blobs.stat(key)) === undefined)
  await removal.close()
})

test('a recording cannot be paused, and that is said', async () => {
  await work()
  await record('paused')
  await expect(service.pause('paused')).rejects.toMatchObject({
    slug: 'conflict',
    message: expect.stringContaining('cannot pause'),
  })
  await expect(service.resume('nobody')).rejects.toMatchObject({ slug: 'not-found' })
})
