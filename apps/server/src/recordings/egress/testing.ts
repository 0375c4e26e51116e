import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDiskBlobStore, type DiskBlobStore } from '@rtcstack/blobs'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type DatabaseSession, openDatabaseSession } from '../../database/session.ts'
import { useDatabase } from '../../database/testing.ts'
import { createLedger } from '../../events/ledger.ts'
import { queueDeliveries } from '../../webhooks/queue-store.ts'
import { createRecordingBells } from '../bell.ts'
import { recordingsChannel } from '../channels.ts'
import type { RecordingRow } from '../row.ts'
import { createRecordingService, type RecordingService } from '../service.ts'
import { createRecordingStore } from '../store.ts'
import type { RecordingWorker } from '../worker.ts'
import { createEgressEngine } from './engine.ts'
import { type EgressStub, startEgressStub, stubKeys } from './livekit-stub.ts'
import { createEgressStore } from './store.ts'
import { startEgressWorker } from './worker.ts'

export const log = pino({ level: 'silent' })
const output = {
  endpoint: 'http://minio:9000',
  bucket: 'recordings',
  accessKey: 'a',
  secret: 's',
  region: 'r',
}
const noLimits = { maxMinutes: 0, emptyRoomSeconds: 0 }

/** Recordings by a LiveKit of the test's own, in a real database and a store on disk. */
export function useEgress() {
  const stored = useDatabase()
  const bells = createRecordingBells()
  const workers: RecordingWorker[] = []
  let directory: string
  let session: DatabaseSession
  let blobs: DiskBlobStore
  let livekit: EgressStub
  let service: RecordingService

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'egress-'))
    blobs = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
    await blobs.prepare()
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
  })
  afterAll(async () => {
    await session.close()
    await rm(directory, { recursive: true, force: true })
  })
  beforeEach(async () => {
    livekit = await startEgressStub()
    service = createRecordingService({
      store: createRecordingStore(stored.database),
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

  const egress = {
    workers,
    get database() {
      return stored.database
    },
    get blobs() {
      return blobs
    },
    get livekit() {
      return livekit
    },
    get service() {
      return service
    },
    get store() {
      return createRecordingStore(stored.database)
    },
    ledger: () => createLedger(stored.database, queueDeliveries),

    /** A worker, as a server of that DATA_DIR has one, in rooms of so many people. */
    async work({ id = 'one', limits = noLimits, people = 2 } = {}): Promise<RecordingWorker> {
      const worker = startEgressWorker({
        engine: createEgressEngine({ url: livekit.url, ...stubKeys }, output),
        store: createEgressStore(stored.database, egress.ledger(), id),
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
    },

    async find(id: string): Promise<RecordingRow> {
      const row = await egress.store.find(id)
      if (!row) throw new Error('there is no such recording')
      return row
    },
    whenState: (id: string, state: string) => eventually(async () => (await egress.find(id)).state === state),

    async eventsOf(room: string) {
      const events = stored.database.selectFrom('events').select(['type', 'body']).where('room', '=', room)
      return (await events.execute()).map(({ type, body }) => ({ type, data: JSON.parse(body).data }))
    },

    /** Starts a recording whose egress begins at once; its id. */
    async record(room: string): Promise<string> {
      const before = livekit.egresses.size
      const starting = service.start(room)
      await eventually(() => livekit.egresses.size > before)
      livekit.next('EGRESS_ACTIVE')
      return (await starting).recording.egressId
    },

    /** Puts a file where the newest egress has to; its key. */
    async storeFile(content: string): Promise<string> {
      const key = livekit.newest().room_composite.file_outputs[0]?.filepath ?? ''
      await blobs.put(key, content, { contentType: 'video/mp4' })
      return key
    },

    /** Has the newest egress end well, with its file in the store. */
    async complete(id: string, status = 'EGRESS_COMPLETE'): Promise<void> {
      await egress.storeFile('a film')
      livekit.next(status, { size: 'a film'.length, seconds: 5 })
      await egress.whenState(id, 'ready')
    },
  }
  return egress
}
