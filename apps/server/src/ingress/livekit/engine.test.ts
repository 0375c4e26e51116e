import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { startLiveKit } from '@rtcstack/testkit'
import { TokenVerifier } from 'livekit-server-sdk'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createIngressEngine } from './engine.ts'

/** As livekit-server 1.13.5 with Redis wrote it; spaces taken out. */
const camera =
  '{"ingress_id":"IN_5jTHxcNqzPWD","name":"","stream_key":"w3hbQnGePdHT","url":"rtmp://ingress.example.com:1935/x","input_type":"RTMP_INPUT","bypass_transcoding":false,"enable_transcoding":true,"audio":null,"video":null,"room_name":"stage","participant_identity":"camera","participant_name":"Stage camera","participant_metadata":"","reusable":true,"state":{"status":"ENDPOINT_INACTIVE","error":"","video":null,"audio":null,"room_id":"","started_at":"0","ended_at":"0","updated_at":"0","resource_id":"","tracks":[]}}'
const none = '{"code":"not_found","msg":"twirp error unknown: ingress does not exist"}'

const keys = { apiKey: 'the key', apiSecret: 'a secret of thirty-two characters' }
const wanted = { room: 'stage', type: 'rtmp', identity: 'camera', name: 'Stage camera' } as const
const asked: { method: string; body: unknown; mayDo: boolean | undefined }[] = []
let answers: Record<string, [status: number, body: string]>

const server = createServer(async (request, response) => {
  const method = request.url?.replace('/twirp/livekit.Ingress/', '') ?? ''
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  const { video } = await new TokenVerifier(keys.apiKey, keys.apiSecret).verify(token)
  asked.push({ method, body: await json(request), mayDo: video?.ingressAdmin })
  const [status, body] = answers[method] ?? [404, none]
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
})
const engine = () =>
  createIngressEngine({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, ...keys })

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())
beforeEach(() => {
  asked.length = 0
})

test('an endpoint is made with the type, the room and the participant that are wanted', async () => {
  answers = { CreateIngress: [200, camera] }
  expect(await engine().create(wanted)).toMatchObject({
    ingressId: 'IN_5jTHxcNqzPWD',
    streamKey: 'w3hbQnGePdHT',
    url: 'rtmp://ingress.example.com:1935/x',
    inputType: 'RTMP_INPUT',
    enableTranscoding: true,
    roomName: 'stage',
    participantIdentity: 'camera',
    participantName: 'Stage camera',
    state: { status: 'ENDPOINT_INACTIVE', startedAt: '0', tracks: [] },
  })
  await engine().create({ ...wanted, type: 'whip' })
  const participant = { participantIdentity: 'camera', participantName: 'Stage camera' }
  expect(asked).toEqual([
    { method: 'CreateIngress', body: { roomName: 'stage', ...participant }, mayDo: true },
    {
      method: 'CreateIngress',
      body: { inputType: 'WHIP_INPUT', roomName: 'stage', ...participant },
      mayDo: true,
    },
  ])
})

test('the endpoints of a room are listed with their states', async () => {
  const publishing = camera.replace(
    '"ENDPOINT_INACTIVE","error":"","video":null',
    '"ENDPOINT_PUBLISHING","error":"","video":{"mime_type":"video/h264","average_bitrate":1900000,"width":1280,"height":720,"framerate":30}',
  )
  answers = { ListIngress: [200, `{"next_page_token":null,"items":[${publishing},${camera}]}`] }
  const [first, second] = await engine().list('stage')
  expect(first?.state).toMatchObject({
    status: 'ENDPOINT_PUBLISHING',
    video: { mimeType: 'video/h264', averageBitrate: 1_900_000, width: 1280, height: 720, framerate: 30 },
  })
  expect(second?.state.status).toBe('ENDPOINT_INACTIVE')
  expect(asked[0]?.body).toEqual({ roomName: 'stage' })
})

test('a state that LiveKit has lost is that of an endpoint without a stream', async () => {
  const stateless = camera.replace(/"state":.*$/, '"state":null}')
  answers = { ListIngress: [200, `{"next_page_token":null,"items":[${stateless}]}`] }
  const [only] = await engine().list('stage')
  expect(only?.state).toMatchObject({ status: 'ENDPOINT_INACTIVE', error: '', updatedAt: '0', tracks: [] })
})

test('an endpoint is deleted, and one that is not there needs nothing', async () => {
  answers = { ListIngress: [200, `{"items":[${camera}]}`], DeleteIngress: [200, camera] }
  await engine().delete('IN_5jTHxcNqzPWD')
  expect(asked.at(-1)).toMatchObject({ method: 'DeleteIngress', body: { ingressId: 'IN_5jTHxcNqzPWD' } })
  answers = {}
  await engine().delete('IN_5jTHxcNqzPWD')
  answers = { ListIngress: [200, `{"items":[${camera}]}`] }
  await engine().delete('IN_5jTHxcNqzPWD')
})

test.each([
  [401, '{"code":"unauthenticated","msg":"permissions denied"}', 'media-server-refused'],
  [
    400,
    '{"code":"invalid_argument","msg":"twirp error unknown: invalid ingress: no participant identity"}',
    'bad-request',
  ],
  [500, '{"code":"internal","msg":"Internal service panic"}', 'media-server-unavailable'],
])('LiveKit’s %i %s is our %s', async (status, body, slug) => {
  answers = { CreateIngress: [status, body], ListIngress: [status, body] }
  const { create, list, delete: remove } = engine()
  for (const ask of [() => create(wanted), () => list('stage'), () => remove('IN_x')])
    await expect(ask()).rejects.toMatchObject({ slug })
})

test('a real LiveKit without Redis has no Ingress service, and what to do is said', async () => {
  await using livekit = await startLiveKit()
  const { create, list, delete: remove } = createIngressEngine(livekit)
  for (const ask of [() => create(wanted), () => list('stage'), () => remove('IN_x')])
    await expect(ask()).rejects.toMatchObject({
      status: 503,
      slug: 'ingress-unavailable',
      message: expect.stringMatching(/no Redis.*INGRESS=built-in/),
    })
})

test('a LiveKit that is away is told as that', async () => {
  const away = createIngressEngine({ url: 'ws://127.0.0.1:1', ...keys })
  await expect(away.list('stage')).rejects.toMatchObject({ slug: 'media-server-unavailable' })
})
