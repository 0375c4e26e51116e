import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type ProblemError } from '@rtcstack/sdk'
import {
  eventually,
  type FaultProxy,
  freeTcpPort,
  freeUdpPort,
  type RunningServer,
  startFaultProxy,
  startServer,
} from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ManagedPostgres, startManagedPostgres } from './database/managed.ts'
import { findLiveKitServer } from './livekit/binary/find.ts'
import { type ManagedLiveKit, startManagedLiveKit } from './livekit/managed.ts'

/** Deadline of a call to LiveKit or the database, and a second. */
const limitMs = 5000 + 1000

const log = pino({ level: 'silent' })
let directory: string
let postgres: ManagedPostgres
let livekit: ManagedLiveKit
let databaseProxy: FaultProxy
let livekitProxy: FaultProxy
let server: RunningServer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'faults-'))
  const keys = { apiKey: 'faults', apiSecret: 'a secret of thirty-two characters' }
  const port = await freeTcpPort()
  postgres = await startManagedPostgres({ dataDirectory: directory, log })
  livekit = await startManagedLiveKit({
    ...keys,
    binary: await findLiveKitServer({ log }),
    dataDirectory: directory,
    udpPort: await freeUdpPort(),
    publicHost: false,
    nodeIp: undefined,
    webhookUrl: `http://127.0.0.1:${port}/internal/livekit`,
    log,
  })
  databaseProxy = await startFaultProxy({ targetPort: Number(new URL(postgres.url).port) })
  livekitProxy = await startFaultProxy({ targetPort: Number(new URL(livekit.url).port) })
  server = await startServer({
    env: {
      PORT: String(port),
      DATABASE_URL: postgres.url.replace(/:\d+\/rtcstack$/, `:${databaseProxy.port}/rtcstack`),
      LIVEKIT_URL: `ws://127.0.0.1:${livekitProxy.port}`,
      LIVEKIT_API_KEY: keys.apiKey,
      LIVEKIT_API_SECRET: keys.apiSecret,
    },
  })
})

afterAll(async () => {
  await server?.stop()
  await Promise.all([databaseProxy?.close(), livekitProxy?.close(), livekit?.close(), postgres?.close()])
  await rm(directory, { recursive: true, force: true })
})

const client = (timeoutMs = limitMs) =>
  createClient({ url: server.url, apiKey: server.apiSecret, retries: 0, timeoutMs })
const token = () => client().tokens.create({ roomId: 'r', userId: 'u', name: 'n', role: 'host' })
const rooms = () => client().rooms.list()
const slugOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: ProblemError) => error.slug,
  )

const isReady = async () => (await fetch(`${server.url}/readyz`)).status === 200
const isUnready = async () => (await fetch(`${server.url}/readyz`)).status === 503

/** Everything works again, by itself, within five seconds. */
async function heals(): Promise<void> {
  await Promise.all([databaseProxy.set('pass'), livekitProxy.set('pass')])
  const works = async () => {
    await Promise.all([token(), rooms()])
    return isReady()
  }
  await eventually(works, { timeoutMs: 5000 })
}

afterEach(heals)

test.each(['blackhole', 'refuse'] as const)(
  'LiveKit behind a %s: told within the deadline, and the rest works',
  async (mode) => {
    await livekitProxy.set(mode)
    expect(await slugOf(rooms())).toBe('media-server-unavailable')
    await token()
    expect((await client().health.get()).status).toBe('ok')
    await eventually(isUnready)
  },
)

test.each(['blackhole', 'refuse'] as const)(
  'a database behind a %s: told within the deadline, and the rest works',
  async (mode) => {
    await databaseProxy.set(mode)
    expect(await slugOf(token())).toBe('database-unavailable')
    expect(await slugOf(client().rooms.create({ name: 'r' }))).toBe('database-unavailable')
    await rooms()
    expect((await client().health.get()).status).toBe('ok')
    await eventually(isUnready)
  },
)

test('many callers who wait for LiveKit do not keep the database from the others', async () => {
  await livekitProxy.set('blackhole')
  const waiting = Array.from({ length: 40 }, (_, index) =>
    slugOf(client().rooms.create({ name: `waiting-${index}` })),
  )
  const startedAt = performance.now()
  await token()
  expect(performance.now() - startedAt).toBeLessThan(1000)
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['media-server-unavailable']))
})

test('connections that are cut cost one answer at most', async () => {
  await Promise.all([databaseProxy.set('cut'), livekitProxy.set('cut')])
  await Promise.allSettled([token(), rooms()])
  await Promise.all([token(), rooms()])
})

test.each([{ latencyMs: 200 }, 'slice'] as const)(
  'slow or split connections (%o) change no answer',
  async (mode) => {
    await Promise.all([databaseProxy.set(mode), livekitProxy.set(mode)])
    await token()
    // A creation is several calls to each, one after the other: it has the time that a client waits for by default.
    const room = await client(10_000).rooms.create({ name: `slow-${JSON.stringify(mode)}` })
    expect((await client().rooms.get(room.name)).sid).toBe(room.sid)
    await Promise.all([databaseProxy.set('pass'), livekitProxy.set('pass')])
  },
)

test('signalling is refused, not let by, while bans cannot be looked up', async () => {
  const { token: jwt } = await token()
  await databaseProxy.set('refuse')
  const answer = await fetch(`${server.url}/rtc/validate`, { headers: { authorization: `Bearer ${jwt}` } })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  await heals()
  const healed = await fetch(`${server.url}/rtc/validate`, { headers: { authorization: `Bearer ${jwt}` } })
  expect(healed.status).toBe(200)
})
