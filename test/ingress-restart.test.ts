import {
  eventually,
  freeTcpPort,
  type RunningLiveKit,
  type RunningServer,
  startLiveKit,
  startServer,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publishTo, streamsOf, untilPublishing } from './ingress.ts'
import { liveKitSettings } from './livekit-settings.ts'
import { clientOf, uniqueName } from './product.ts'

const opened = new AsyncDisposableStack()
let server: RunningServer
let livekit: RunningLiveKit

beforeAll(async () => {
  const port = await freeTcpPort()
  livekit = opened.use(await startLiveKit({ webhookUrls: [`http://127.0.0.1:${port}/internal/livekit`] }))
  server = opened.use(await startServer({ env: { PORT: `${port}`, ...liveKitSettings(livekit) } }))
})
afterAll(() => opened.disposeAsync())

test('endpoints and their streams outlive a restart of the server', { timeout: 60_000 }, async () => {
  const client = clientOf(server)
  const endpoint = await client.ingress.create(uniqueName('kept'), { type: 'whip' })
  const room = endpoint.roomName
  await using stream = await publishTo(endpoint)
  const before = await untilPublishing(client, endpoint)
  await server.restart()
  expect((await client.ingress.list(room)).ingress).toEqual([before])
  expect(await stream.end()).toBe(200)
  await eventually(async () => expect(await streamsOf(client, room)).toEqual(['started', 'ended']))
})

test('a stream that ends while the server is away is told of once it is back', {
  timeout: 90_000,
}, async () => {
  const client = clientOf(server)
  const endpoint = await client.ingress.create(uniqueName('missed'), { type: 'whip' })
  await using stream = await publishTo(endpoint)
  await untilPublishing(client, endpoint)
  await server.kill()
  await stream.vanish()
  await server.restart()
  await eventually(
    async () => expect(await streamsOf(client, endpoint.roomName)).toEqual(['started', expect.any(String)]),
    { timeoutMs: 40_000 },
  )
  const [after] = (await client.ingress.list(endpoint.roomName)).ingress
  expect(after?.state.status).toBe('ENDPOINT_INACTIVE')
})

test('a stream that LiveKit forgot in a crash has stopped, and the endpoint takes the next one', {
  timeout: 90_000,
}, async () => {
  const client = clientOf(server)
  const endpoint = await client.ingress.create(uniqueName('crashed'), { type: 'whip' })
  await using _stream = await publishTo(endpoint)
  await untilPublishing(client, endpoint)
  await livekit.restart()
  await eventually(
    async () => expect(await streamsOf(client, endpoint.roomName)).toEqual(['started', 'room-closed']),
    { timeoutMs: 30_000 },
  )
  await using _next = await publishTo(endpoint)
  await untilPublishing(client, endpoint)
})
