import {
  eventually,
  freeTcpPort,
  joinCall,
  type RunningLiveKit,
  type RunningServer,
  startLiveKit,
  startServer,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isCut, streamsOf, untilPublishing } from './ingress.ts'
import { type LiveKitWithIngress, startLiveKitWithIngress } from './livekit-ingress-service.ts'
import { liveKitSettings } from './livekit-settings.ts'
import { clientOf, problemOf, uniqueName } from './product.ts'

const opened = new AsyncDisposableStack()
let server: RunningServer
let livekit: RunningLiveKit
let ingress: LiveKitWithIngress
const client = () => clientOf(server)

const settingsOf = (url: string) => ({
  ...liveKitSettings({ ...livekit, url }),
  INGRESS: 'livekit',
  INGRESS_MAX_PER_ROOM: '2',
  LOG_LEVEL: 'debug',
})

beforeAll(async () => {
  const port = await freeTcpPort()
  livekit = opened.use(await startLiveKit({ webhookUrls: [`http://127.0.0.1:${port}/internal/livekit`] }))
  ingress = opened.use(await startLiveKitWithIngress(livekit))
  server = opened.use(await startServer({ env: { PORT: `${port}`, ...settingsOf(ingress.url) } }))
})
afterAll(() => opened.disposeAsync())

/** An endpoint of LiveKit's that is published to, and somebody who watches. */
async function stage() {
  const room = uniqueName('stage')
  const endpoint = await client().ingress.create(room, { participantName: 'Stage camera' })
  await using parts = new AsyncDisposableStack()
  const token = await client().tokens.create({ roomId: room, userId: 'viewer', name: 'V', role: 'viewer' })
  const viewer = parts.use(await joinCall(token))
  const stream = parts.use(await ingress.publish(endpoint.streamKey))
  await untilPublishing(client(), endpoint)
  const kept = parts.move()
  return { room, endpoint, viewer, stream, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('a stream by LiveKit’s Ingress is seen and heard, has its state, and is told of once when it begins and ends', async () => {
  await using on = await stage()
  const { room, endpoint, viewer } = on
  expect(endpoint).toMatchObject({
    inputType: 'RTMP_INPUT',
    url: 'rtmp://ingress.example.com/x',
    participantName: 'Stage camera',
    state: { status: 'ENDPOINT_INACTIVE' },
  })
  const identity = endpoint.participantIdentity
  await Promise.all([viewer.sees(identity, { colour: 'red' }), viewer.hears(identity, { toneHz: 440 })])
  const { state } = await untilPublishing(client(), endpoint)
  const { participants } = await client().participants.list(room)
  const participant = participants.find((one) => one.identity === identity)
  expect(participant).toMatchObject({ kind: 'INGRESS', name: 'Stage camera' })
  expect(state).toMatchObject({ resourceId: participant?.sid, roomId: expect.stringMatching(/^RM_/) })
  expect(await on.stream.end()).toBe(200)
  await eventually(async () => expect(await streamsOf(client(), room)).toEqual(['started', 'ended']))
  const [after] = (await client().ingress.list(room)).ingress
  expect(after?.state.status).toBe('ENDPOINT_INACTIVE')
})

test('deleting an endpoint cuts its stream within a second, and LiveKit has it no more', async () => {
  await using on = await stage()
  const { room, endpoint } = on
  await client().ingress.delete(room, endpoint.ingressId)
  expect(await streamsOf(client(), room)).toEqual(['started', 'deleted'])
  await isCut(on.viewer, endpoint.participantIdentity)
  expect(ingress.endpoints.has(endpoint.ingressId)).toBe(false)
  expect((await client().ingress.list(room)).ingress).toEqual([])
})

test('what LiveKit does not delete at once is no way into the room, and is deleted when LiveKit does', {
  timeout: 40_000,
}, async () => {
  await using on = await stage()
  const { room, endpoint } = on
  ingress.refusesToDelete = true
  expect(await problemOf(client().ingress.delete(room, endpoint.ingressId))).toMatchObject({
    slug: 'media-server-unavailable',
  })
  await using _again = await ingress.publish(endpoint.streamKey)
  await eventually(async () =>
    expect(await streamsOf(client(), room)).toEqual(['started', 'deleted', 'started', 'deleted']),
  )
  ingress.refusesToDelete = false
  await eventually(() => !ingress.endpoints.has(endpoint.ingressId), { timeoutMs: 15_000 })
})

test('a kick cuts a stream within a second, and a ban keeps the next one out', async () => {
  await using on = await stage()
  const { room, endpoint } = on
  await client().participants.remove(room, endpoint.participantIdentity, { banSeconds: 60 })
  expect(await streamsOf(client(), room)).toEqual(['started', 'kicked'])
  await isCut(on.viewer, endpoint.participantIdentity)
  await using _again = await ingress.publish(endpoint.streamKey)
  await eventually(async () =>
    expect(await streamsOf(client(), room)).toEqual(['started', 'kicked', 'started', 'kicked']),
  )
})

test('closing the room cuts its stream, and the endpoint stays', async () => {
  await using on = await stage()
  await client().rooms.delete(on.room)
  expect(await streamsOf(client(), on.room)).toEqual(['started', 'room-closed'])
  await eventually(() => on.viewer.disconnected, { timeoutMs: 1_000, message: 'the viewer being out too' })
  expect((await client().ingress.list(on.room)).ingress).toHaveLength(1)
})

test('an endpoint belongs to its room, and what others made in LiveKit is none of ours', async () => {
  const room = uniqueName('own')
  const { ingressId } = await client().ingress.create(room, { type: 'whip' })
  const foreign = { ...ingress.endpoints.get(ingressId), ingress_id: 'IN_foreign', stream_key: 'foreign' }
  ingress.endpoints.set('IN_foreign', foreign as never)
  for (const [where, id] of [
    [uniqueName('other'), ingressId],
    [room, 'IN_foreign'],
  ] as const)
    expect(await problemOf(client().ingress.delete(where, id))).toMatchObject({ status: 404 })
  const listed = (await client().ingress.list(room)).ingress
  expect(listed.map((one) => one.ingressId)).toEqual([ingressId])
  await using stream = await ingress.publish('foreign')
  await eventually(async () => (await client().events.list({ roomId: room })).events.length >= 3)
  expect(await streamsOf(client(), room)).toEqual([])
  expect(await stream.end()).toBe(200)
})

test('a room has so many endpoints, and what is refused is not left in LiveKit', async () => {
  const room = uniqueName('full')
  const create = () => client().ingress.create(room, { type: 'whip' })
  await Promise.all([create(), create()])
  expect(await problemOf(create())).toMatchObject({
    status: 409,
    detail: expect.stringContaining('INGRESS_MAX_PER_ROOM'),
  })
  expect([...ingress.endpoints.values()].filter(({ room_name }) => room_name === room)).toHaveLength(2)
})

test('the keys of LiveKit are none of our WHIP’s, and are in no line of the log and in no event', async () => {
  await using on = await stage()
  const answer = await fetch(`${server.url}/whip/${on.endpoint.streamKey}`, { method: 'POST' })
  expect(answer.status).toBe(401)
  await client().ingress.delete(on.room, on.endpoint.ingressId)
  const { events } = await client().events.list({ roomId: on.room })
  for (const text of [server.output(), JSON.stringify(events)])
    expect(text).not.toContain(on.endpoint.streamKey)
})

test('a LiveKit without Redis is told as no intake, with what to do about it', async () => {
  await using without = await startServer({ env: settingsOf(livekit.url) })
  expect(await problemOf(clientOf(without).ingress.create('stage'))).toMatchObject({
    status: 503,
    slug: 'ingress-unavailable',
    detail: expect.stringContaining('Redis'),
  })
  expect((await clientOf(without).ingress.list('stage')).ingress).toEqual([])
})
