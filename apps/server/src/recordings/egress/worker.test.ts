import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { createRecordingCatalogue } from '../catalogue.ts'
import { startRecordingRemoval } from '../removal.ts'
import { fileStartedAtMs } from './livekit-stub.ts'
import { log, useEgress } from './testing.ts'

const egress = useEgress()

test('a recording goes from the request to a file in the store, under our id and LiveKit’s', async () => {
  await egress.work()
  const starting = egress.service.start('call')
  await eventually(() => egress.livekit.egresses.size === 1)
  expect((await egress.store.findActive('call'))?.state).toBe('starting')
  egress.livekit.next('EGRESS_ACTIVE')
  const { isNew, recording } = await starting
  const id = recording.egressId
  expect({ isNew, startedAt: recording.startedAt }).toEqual({
    isNew: true,
    startedAt: new Date(fileStartedAtMs).toISOString(),
  })

  expect(
    egress.livekit.asked.find(({ method }) => method === 'StartRoomCompositeEgress')?.body,
  ).toMatchObject({
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

  expect(await egress.service.stop('call')).toMatchObject({ egressId: id, status: 'stopped' })
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  await egress.complete(id)
  expect(await createRecordingCatalogue(egress.store).get(id)).toMatchObject({
    status: 'ready',
    endReason: 'stopped',
    durationMs: 5_000,
    sizeBytes: 'a film'.length,
    key: egress.livekit.newest().room_composite.file_outputs[0]?.filepath,
    tracks: [],
    parts: [],
  })
  expect((await egress.find(id)).engineId).toBe('EG_livekit1')
  expect((await egress.eventsOf('call')).map(({ type }) => type)).toEqual([
    'recording_started',
    'recording_stopped',
  ])
})

test('a room that closes ends its recording, and a limit of Egress counts as a duration that is over', async () => {
  await egress.work()
  const closed = await egress.record('closed')
  egress.livekit.next('EGRESS_ENDING')
  await egress.whenState(closed, 'processing')
  await egress.complete(closed)
  const limited = await egress.record('limited')
  await egress.complete(limited, 'EGRESS_LIMIT_REACHED')
  expect([(await egress.find(closed)).endReason, (await egress.find(limited)).endReason]).toEqual([
    'room-closed',
    'max-duration',
  ])
  expect(egress.livekit.count('StopEgress')).toBe(0)
})

test.each([
  ['nobody is in the room', 'room-empty', { maxMinutes: 0, emptyRoomSeconds: 1 }],
  ['it is as long as it may be', 'max-duration', { maxMinutes: 1, emptyRoomSeconds: 0 }],
])('a recording ends when %s', async (_, reason, limits) => {
  await egress.work({ limits, people: 0 })
  const id = await egress.record(reason)
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  await egress.complete(id)
  expect((await egress.find(id)).endReason).toBe(reason)
})

test('another start of the server goes on with the same egress', async () => {
  const before = await egress.work()
  const id = await egress.record('restarted')
  egress.workers.splice(0)
  await before.close()
  await egress.service.stop('restarted')
  await egress.work()
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  await egress.complete(id)
  expect(egress.livekit.count('StartRoomCompositeEgress')).toBe(1)
})

test('a worker whose lease was taken leaves the recording to the other one', async () => {
  const loser = await egress.work({ id: 'loser' })
  const id = await egress.record('taken')
  await egress.database
    .updateTable('recordings')
    .set({ claimed_by: 'winner', lease_until: new Date(Date.now() + 60_000) })
    .where('id', '=', id)
    .execute()
  loser.wake()
  await egress.service.stop('taken')
  await loser.close()
  expect(egress.livekit.count('StopEgress')).toBe(0)
  egress.workers.splice(0)
  await egress.work({ id: 'winner' })
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  await egress.complete(id)
})

test('what is deleted while its file is made is removed when Egress has stored it', async () => {
  await egress.work()
  const id = await egress.record('deleted')
  await egress.service.stop('deleted')
  const removal = startRecordingRemoval({
    database: egress.database,
    ledger: egress.ledger(),
    blobs: egress.blobs,
    audit: { note: async () => undefined },
    claimant: 'one removal',
    log,
  })
  await eventually(() => egress.livekit.count('StopEgress') > 0)
  await removal.remove(id)
  const key = await egress.storeFile('a film')
  egress.livekit.next('EGRESS_COMPLETE', { size: 'a film'.length, seconds: 5 })
  await eventually(async () => (await egress.blobs.stat(key)) === undefined)
  await removal.close()
})

test('a recording cannot be paused, and that is said', async () => {
  await egress.work()
  await egress.record('paused')
  await expect(egress.service.pause('paused')).rejects.toMatchObject({
    slug: 'conflict',
    message: expect.stringContaining('cannot pause'),
  })
  await expect(egress.service.resume('nobody')).rejects.toMatchObject({ slug: 'not-found' })
})
