import type { StreamedEvent } from '@rtcstack/sdk'
import {
  eventually,
  type FaultProxy,
  freeTcpPort,
  joinCall,
  type RunningLiveKit,
  type RunningServer,
  startFaultProxy,
  startLiveKit,
  startReceiver,
  startServer,
} from '@rtcstack/testkit'
import { AccessToken } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lineOf, verified } from './deliveries.ts'
import { sharedSettings } from './livekit-settings.ts'
import { sumOf } from './livekit-truth.ts'
import { type LentDatabase, lendDatabase } from './managed-postgres.ts'
import { clientOf, uniqueName } from './product.ts'

const names = ['first', 'second'] as const
type Name = (typeof names)[number]

const opened = new AsyncDisposableStack()
let database: LentDatabase
let livekit: RunningLiveKit
const servers = {} as Record<Name, RunningServer>
const webhooks = {} as Record<Name, FaultProxy>

// Both servers have the same keys, and LiveKit posts its events to both.
beforeAll(async () => {
  const lender = opened.use(await startServer())
  database = await lendDatabase(lender, [...names])
  opened.defer(database.close)
  const ports = { first: await freeTcpPort(), second: await freeTcpPort() }
  for (const name of names) webhooks[name] = opened.use(await startFaultProxy({ targetPort: ports[name] }))
  livekit = opened.use(
    await startLiveKit({
      webhookUrls: names.map((name) => `http://127.0.0.1:${webhooks[name].port}/internal/livekit`),
    }),
  )
  const shared = sharedSettings(livekit)
  await Promise.all(
    names.map(async (name) => {
      const env = { ...shared, PORT: `${ports[name]}`, DATABASE_URL: database.urlOf(name) }
      servers[name] = opened.use(await startServer({ env }))
    }),
  )
})
afterAll(() => opened.disposeAsync())

/** Who holds the lock of the one that compares the ledger with LiveKit, by PostgreSQL's own account. */
async function leaders(): Promise<Name[]> {
  const rows = await database.query(`
    select distinct usename from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and datname = current_database()
      and (classid::bigint << 32) | objid::bigint = hashtextextended('rtcstack reconciler', 0)`)
  return rows.map(({ usename }) => usename as Name)
}

const claimants = () =>
  database.query('select distinct claimed_by from deliveries where claimed_by is not null')

/** Collects what a server streams until it is stopped, or cut. */
function follow(name: Name, after: string) {
  const seen: StreamedEvent[] = []
  const stop = new AbortController()
  const reading = (async () => {
    const stream = clientOf(servers[name]).events.stream({ after, signal: stop.signal })
    for await (const one of stream) seen.push(one)
  })()
  return {
    seen,
    stop: () => {
      stop.abort()
      return reading
    },
  }
}

/** The promises have bounds of their own: this is for a machine that is busy with other things. */
const patience = { timeout: 60_000 }

const wholeLedger = () => Array.fromAsync(clientOf(servers.first).events.all())

test(
  'each of 200 deliveries is made once, by both servers together, and both stream the same events',
  patience,
  async () => {
    const bothClaim = Promise.withResolvers<void>()
    await using receiver = await startReceiver({
      answer: (_request, response) => void bothClaim.promise.then(() => response.writeHead(204).end()),
    })
    const streams = names.map((name) => follow(name, '0'))
    const [first, second] = [clientOf(servers.first), clientOf(servers.second)]
    const webhook = await first.webhooks.create({ url: receiver.url })
    const rooms = Array.from({ length: 100 }, () => uniqueName('two'))
    // Both make all of them, each room being one, and each removes its half.
    const creating = [first, second].map((client) => inTurn(rooms, (name) => client.rooms.create({ name })))
    // Nothing is answered before, so that neither server can have delivered all alone.
    await eventually(async () => (await claimants()).length === 2)
    bothClaim.resolve()
    await Promise.all(creating)
    await Promise.all([
      inTurn(rooms.slice(0, 50), first.rooms.delete),
      inTurn(rooms.slice(50), second.rooms.delete),
    ])

    const ledger = await wholeLedger()
    expect(sumOf(ledger)).toEqual({ open: [], faults: [] })
    const ids = ledger.map(({ id }) => id)
    expect(ids).toHaveLength(200)
    const pending = async () =>
      (await second.webhooks.deliveries(webhook.id, { status: 'pending' })).deliveries
    await eventually(async () => (await pending()).length === 0)
    const received = receiver.received.map((one) => verified(one, webhook.secret).id)
    expect(received.toSorted()).toEqual(ids.toSorted())
    for (const { seen, stop } of streams) {
      await eventually(() => seen.length >= ids.length)
      await stop()
      expect(seen.map(({ event }) => event.id)).toEqual(ids)
    }
    await first.webhooks.delete(webhook.id)
  },
)

test(
  'one server compares the ledger with LiveKit, and when it is killed the other does within 15 s',
  patience,
  async () => {
    await eventually(async () => (await leaders()).length === 1)
    const [leader] = (await leaders()) as [Name]
    const other = leader === 'first' ? 'second' : 'first'
    const room = uniqueName('led')
    // Only by comparing can it be known what happens now.
    await Promise.all(names.map((name) => webhooks[name].set('refuse')))
    await servers[leader].kill()
    const killedAt = performance.now()
    await using _ada = await joinCall({ url: livekit.url, token: await tokenFor(room, 'ada') })
    const events = async () => (await clientOf(servers[other]).events.list({ roomId: room })).events
    await eventually(async () => (await events()).length === 2, { timeoutMs: 15_000 })
    expect(performance.now() - killedAt).toBeLessThan(15_000)
    expect((await events()).map(lineOf)).toEqual(['room_created', 'participant_joined ada'])
    expect((await events()).every(({ data }) => 'synthetic' in data)).toBe(true)
    expect(await leaders()).toEqual([other])
    await Promise.all(names.map((name) => webhooks[name].set('pass')))
    await servers[leader].restart()
  },
)

test(
  'a stream that is cut as its server is killed goes on at the other one, and misses nothing',
  patience,
  async () => {
    const { rooms } = clientOf(servers.second)
    const { seen, stop } = follow('first', '0')
    const count = (await wholeLedger()).length
    const wanted = Array.from({ length: 60 }, () => uniqueName('cut'))
    const creating = inTurn(wanted, (name) => rooms.create({ name }))
    await eventually(() => seen.length > count + 10, { intervalMs: 5 })
    await servers.first.kill()
    await creating
    await stop()
    const cut = seen.length
    const rest = follow('second', seen.at(-1)?.cursor ?? '')
    await servers.first.restart()
    const ids = (await wholeLedger()).map(({ id }) => id)
    expect(cut).toBeLessThan(ids.length)
    await eventually(() => cut + rest.seen.length >= ids.length)
    await rest.stop()
    expect([...seen, ...rest.seen].map(({ event }) => event.id)).toEqual(ids)
  },
)

async function inTurn<T>(items: T[], run: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await run(item)
}

async function tokenFor(room: string, identity: string): Promise<string> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity })
  token.addGrant({ room, roomJoin: true })
  return token.toJwt()
}
