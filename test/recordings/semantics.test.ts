import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, joinCall, probeMovie, startReceiver } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { verified } from '../deliveries.ts'
import { clientWithToken, problemOf, uniqueName, useServer } from '../product.ts'
import { type Downloads, openDownloads, untilRecorded, whenFinished } from './recorded.ts'

// Small pictures: what is promised here is not about them.
const product = useServer({ RENDER_WIDTH: '320', RENDER_HEIGHT: '180', RECORDING_EMPTY_ROOM_SECONDS: '0' })
// Each waits for a file, on two cores that other tests use too.
vi.setConfig({ testTimeout: 120_000 })
let downloads: Downloads
beforeAll(async () => {
  downloads = await openDownloads()
})
afterAll(() => downloads?.[Symbol.asyncDispose]())

const recordings = () => product.client.recordings
const newRoom = async (prefix: string) => {
  const room = uniqueName(prefix)
  await product.client.rooms.create({ name: room })
  return room
}
const joinRoom = async (room: string, name = 'ada') =>
  joinCall({
    ...(await product.token(room, name, 'host')),
    publish: { video: 'red', audio: 440 },
    autoSubscribe: false,
  })
const stoppedEventsOf = async (roomId: string) =>
  (await product.client.events.list({ roomId, types: 'recording_stopped', limit: 100 })).events
const idle = { isRecording: false, egressId: null, startedAt: null }

async function expectToPlay(id: string): Promise<number> {
  expect(await whenFinished(product.client, id)).toMatchObject({ status: 'ready', error: null })
  const { durationMs } = await probeMovie(await downloads.save(product.client, id))
  expect(durationMs).toBeGreaterThan(0)
  return durationMs
}

test('a hundred starts at once give one recording, and each the same answer', async () => {
  const room = await newRoom('hundred')
  await using _ada = await joinRoom(room)
  const url = `${product.server.url}/v1/rooms/${room}/recording/start`
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'x-api-key': product.server.apiSecret },
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }),
  )
  const counts = [201, 200].map((wanted) => answers.filter(({ status }) => status === wanted).length)
  expect(counts, JSON.stringify(answers[0])).toEqual([1, 99])
  const { egressId, startedAt } = answers[0]?.body ?? {}
  for (const { status, body } of answers)
    expect(body).toEqual({
      egressId,
      startedAt,
      roomId: room,
      status: status === 201 ? 'recording' : 'already_recording',
    })
  expect(await recordings().status(room)).toEqual({ isRecording: true, egressId, startedAt })
  expect((await recordings().list({ roomId: room })).recordings).toHaveLength(1)
  await recordings().stop(room)
  await expectToPlay(String(egressId))
})

test('stopping twice is answered with 404 the second time, and the room is idle from the first on', async () => {
  const room = await newRoom('twice')
  expect(await recordings().status(room)).toEqual(idle)
  expect(await problemOf(recordings().stop(room))).toMatchObject({ status: 404, slug: 'not-found' })
  await recordings().start(room)
  const stopped = await recordings().stop(room)
  expect(stopped).toEqual({ egressId: stopped.egressId, status: 'stopped', stoppedAt: expect.any(String) })
  expect(await problemOf(recordings().stop(room))).toMatchObject({ status: 404, slug: 'not-found' })
  expect(await recordings().status(room)).toEqual(idle)
  await whenFinished(product.client, stopped.egressId)
  expect(await problemOf(recordings().stop(room))).toMatchObject({ status: 404, slug: 'not-found' })
})

test('a stop while it starts gives a file that plays', async () => {
  const room = await newRoom('early')
  await using _ada = await joinRoom(room)
  const starting = recordings().start(room)
  const stopped = await eventually(() => recordings().stop(room), { intervalMs: 10, timeoutMs: 8_000 })
  expect((await starting).egressId).toBe(stopped.egressId)
  await expectToPlay(stopped.egressId)
})

test('a start right after the stop is another recording, and both files are right', async () => {
  const room = await newRoom('again')
  await using _ada = await joinRoom(room)
  const first = await recordings().start(room)
  await untilRecorded(product.client, first.egressId, 2_000)
  const { stoppedAt } = await recordings().stop(room)
  const second = await recordings().start(room)
  expect(second.status).toBe('recording')
  expect(second.egressId).not.toBe(first.egressId)
  expect(new Date(second.startedAt).getTime()).toBeGreaterThan(new Date(first.startedAt).getTime())
  await untilRecorded(product.client, second.egressId, 1_000)
  const secondStop = await recordings().stop(room)
  for (const [start, end] of [
    [first, stoppedAt],
    [second, secondStop.stoppedAt],
  ] as const) {
    const lastedMs = new Date(end).getTime() - new Date(start.startedAt).getTime()
    expect(Math.abs((await expectToPlay(start.egressId)) - lastedMs)).toBeLessThanOrEqual(300)
  }
})

test('a room in which nobody publishes is recorded: it starts within 5 s, and the file plays', async () => {
  const room = await newRoom('silent')
  const calledAtMs = performance.now()
  const { egressId } = await recordings().start(room)
  expect(performance.now() - calledAtMs).toBeLessThan(5_000)
  await untilRecorded(product.client, egressId, 1_000)
  await recordings().stop(room)
  await expectToPlay(egressId)
})

test('a room that nobody has made is answered with 404', async () => {
  expect(await problemOf(recordings().start(uniqueName('nowhere')))).toMatchObject({
    status: 404,
    slug: 'not-found',
  })
})

test('a room that is deleted ends its recording, whose file is kept', async () => {
  const room = await newRoom('deleted')
  await using _ada = await joinRoom(room)
  const { egressId } = await recordings().start(room)
  await untilRecorded(product.client, egressId, 1_500)
  await product.client.rooms.delete(room)
  expect(await expectToPlay(egressId)).toBeGreaterThanOrEqual(1_200)
  expect(await recordings().get(egressId)).toMatchObject({ status: 'ready', endReason: 'room-closed' })
})

test('one that is recorded is not deleted', async () => {
  const room = await newRoom('kept')
  const { egressId } = await recordings().start(room)
  expect(await problemOf(recordings().delete(egressId))).toMatchObject({ status: 409, slug: 'conflict' })
  await recordings().stop(room)
  await expectToPlay(egressId)
})

test('one that is deleted while its file is made is gone, with all that was kept of it, and that is told', async () => {
  const room = await newRoom('gone')
  await using _ada = await joinRoom(room)
  const { egressId } = await recordings().start(room)
  await untilRecorded(product.client, egressId, 3_000)
  await recordings().stop(room)
  await recordings().delete(egressId)
  expect(await problemOf(recordings().get(egressId))).toMatchObject({ status: 404, slug: 'not-found' })
  expect(await problemOf(recordings().delete(egressId))).toMatchObject({ status: 404, slug: 'not-found' })
  expect((await recordings().list({ roomId: room })).recordings).toEqual([])
  const [event, ...others] = await stoppedEventsOf(room)
  expect(others).toEqual([])
  expect(event?.data).toMatchObject({ egressId, status: 'failed', error: 'deleted' })
  await expectNothingKept(egressId)
})

test('one that is ready is deleted with its file and its tracks', async () => {
  const room = await newRoom('cleared')
  await using _ada = await joinRoom(room)
  const { egressId } = await recordings().start(room)
  await untilRecorded(product.client, egressId, 1_000)
  await recordings().stop(room)
  await expectToPlay(egressId)
  expect(await filesOf(egressId)).not.toEqual([])
  await recordings().delete(egressId)
  expect(await problemOf(recordings().get(egressId))).toMatchObject({ status: 404 })
  await expectNothingKept(egressId)
})

/** What the store on the disk and the working folders have of a recording. */
async function filesOf(id: string): Promise<string[]> {
  const found: string[] = []
  for (const folder of ['blobs', 'recordings', 'rendering'].map((name) =>
    join(product.server.dataDirectory, name),
  )) {
    await access(folder)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && path.includes(id)) found.push(path)
    }
  }
  return found
}

async function expectNothingKept(id: string): Promise<void> {
  // A renderer that is at work notices within a lease, and only then is it cleared away.
  await eventually(async () => expect(await filesOf(id)).toEqual([]), { timeoutMs: 60_000, intervalMs: 200 })
}

test('a start and a stop are told once each, in order, with what is documented, to lists and to webhooks', async () => {
  const { client } = product
  const room = await newRoom('told')
  await using receiver = await startReceiver()
  const webhook = await client.webhooks.create({
    url: receiver.url,
    events: ['recording_started', 'recording_stopped'],
  })
  await using _ada = await joinRoom(room)
  const { egressId, startedAt } = await recordings().start(room)
  await recordings().start(room)
  await untilRecorded(client, egressId, 1_000)
  await recordings().stop(room)
  await expectToPlay(egressId)
  const ready = await recordings().get(egressId)
  const { events } = await client.events.list({ roomId: room, limit: 100 })
  const told = events.filter(({ type }) => type.startsWith('recording_'))
  expect(told.map(({ type, data }) => ({ type, data }))).toEqual([
    { type: 'recording_started', data: { egressId, roomId: room, status: 'recording', startedAt } },
    {
      type: 'recording_stopped',
      data: {
        egressId,
        roomId: room,
        status: 'ready',
        startedAt,
        endedAt: ready.endedAt,
        bucket: ready.bucket,
        key: ready.key,
        sizeBytes: ready.sizeBytes,
        durationMs: ready.durationMs,
      },
    },
  ])
  const delivered = () =>
    receiver.received.map((one) => verified(one, webhook.secret)).filter((event) => event.roomId === room)
  await eventually(() => delivered().length >= 2)
  expect(delivered().toSorted((a, b) => a.sequence - b.sequence)).toEqual(told)
  await client.webhooks.delete(webhook.id)
})

test('clients see that the room is recorded, and the recorder is nowhere listed nor counted', async () => {
  const { client } = product
  const room = await newRoom('seen')
  await using ada = await joinRoom(room)
  await using bob = await joinCall(await product.token(room, 'bob', 'participant'))
  const count = async () => (await client.rooms.get(room)).numParticipants
  await eventually(async () => (await count()) === 2)
  expect([ada.room.isRecording, bob.room.isRecording]).toEqual([false, false])
  await recordings().start(room)
  await eventually(() => ada.room.isRecording && bob.room.isRecording)
  const { participants } = await client.participants.list(room)
  expect(participants.map(({ identity }) => identity)).toEqual(['ada', 'bob'])
  expect(await count()).toBe(2)
  expect([...ada.room.remoteParticipants.keys()]).toEqual(['bob'])
  await recordings().stop(room)
  await eventually(() => !ada.room.isRecording && !bob.room.isRecording)
})

test('a host records its room with its own token, and nobody else does', async () => {
  const room = await newRoom('hosted')
  const withRole = async (role: Parameters<typeof product.token>[2], name = room) =>
    clientWithToken(product.server, (await product.token(name, `a-${role}`, role)).token).recordings
  for (const other of [
    await withRole('moderator'),
    await withRole('participant'),
    await withRole('viewer'),
    await withRole('host', await newRoom('other')),
  ])
    for (const act of [other.start, other.stop, other.pause, other.resume, other.status])
      expect(await problemOf(act(room))).toMatchObject({ status: 403, slug: 'forbidden' })
  const host = await withRole('host')
  expect(await host.status(room)).toEqual(idle)
  const { egressId } = await host.start(room)
  await host.pause(room)
  await host.resume(room)
  expect(await host.stop(room)).toMatchObject({ egressId })
  expect(await problemOf(host.list())).toMatchObject({ status: 401 })
  await expectToPlay(egressId)
})
