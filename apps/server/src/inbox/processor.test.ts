import type { LedgerEvent } from '@rtcstack/contract'
import { type FaultProxy, startFaultProxy } from '@rtcstack/testkit'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../database/database.ts'
import { useDatabase } from '../database/testing.ts'
import { createLedger } from '../events/ledger.ts'
import { createSessionTracker } from '../sessions/tracker.ts'
import { queueDeliveries } from '../webhooks/queue-store.ts'
import { createInboxProcessor } from './processor.ts'
import { keepLetters } from './store.ts'

const stored = useDatabase()
const lines: string[] = []
const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })

type Processor = ReturnType<typeof createInboxProcessor>
const opened: Processor[] = []
const observed: string[] = []
let proxy: FaultProxy
let database: Database

beforeEach(async () => {
  proxy = await startFaultProxy({ targetPort: Number(new URL(stored.url).port) })
  database = openDatabase(stored.url.replace(/:\d+\//, `:${proxy.port}/`), log)
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((processor) => processor.close()))
  await database.destroy()
  await proxy.close()
  lines.length = 0
  observed.length = 0
})

/** A processor on the database behind the proxy, as another process would have one. */
function open(): Processor {
  const ledger = createLedger(database, queueDeliveries)
  const processor = createInboxProcessor({
    database,
    ledger,
    tracker: createSessionTracker(database, ledger),
    log,
    onObserved: (some) => observed.push(...some.map(({ kind }) => kind)),
  })
  opened.push(processor)
  return processor
}

let count = 0
const room = (name: string) => ({ sid: `RM_${name}`, name, creationTime: '1767268800' })
const participant = (identity: string) => ({ sid: `PA_${identity}`, identity, state: 'ACTIVE' })

/** Something that LiveKit tells, as it writes it. */
const tell = (event: string, about: object): string =>
  JSON.stringify({ id: `EV_${++count}`, createdAt: '1767268800', event, ...about })

const keep = (...bodies: string[]) =>
  keepLetters(
    stored.database,
    bodies.map((body) => ({ livekitId: /"(EV_\w+)"/.exec(body)?.[1] ?? `EV_${++count}`, body })),
  )

async function eventsOf(name: string): Promise<string[]> {
  const rows = await stored.database
    .selectFrom('events')
    .select('body')
    .where('room', '=', name)
    .orderBy('position')
    .execute()
  return rows.map(({ body }) => {
    const { type, sequence, data } = JSON.parse(body) as LedgerEvent
    const { identity = '' } = (data as { participant?: { identity: string } }).participant ?? {}
    return `${sequence} ${type} ${identity}`.trim()
  })
}

async function waiting(): Promise<number> {
  const { rows } = await sql`select from inbox where processed_at is null`.execute(stored.database)
  return rows.length
}

const call = (name: string) => [
  tell('room_started', { room: room(name) }),
  tell('participant_joined', { room: room(name), participant: participant(`ada-${name}`) }),
  tell('participant_left', { room: room(name), participant: participant(`ada-${name}`) }),
  tell('room_finished', { room: room(name) }),
]
const eventsOfCall = (name: string) => [
  '1 room_created',
  `2 participant_joined ada-${name}`,
  `3 participant_left ada-${name}`,
  '4 room_closed',
]

test('letters become events in their order, each once, and who asked is told', async () => {
  const letters = call('once')
  await keep(...letters)
  await keep(...letters)
  await open().drain()
  expect(await eventsOf('once')).toEqual(eventsOfCall('once'))
  expect(observed).toEqual(['room-started', 'participant-joined', 'participant-left', 'room-finished'])
  expect(await waiting()).toBe(0)
})

test.each([
  ['no JSON', '{"id":"EV_cut","event":"room_sta'],
  ['another JSON', '[1,2,3]'],
  ['a field of another kind', '{"id":"EV_kind","event":"room_started","room":"r"}'],
])('a letter of %s is put aside, and those around it are dealt with in order', async (what, bad) => {
  const name = `around ${what}`
  const [start = '', join = '', ...rest] = call(name)
  await keep(start, join, bad, ...rest)
  await open().drain()
  expect(await eventsOf(name)).toEqual(eventsOfCall(name))
  expect(await waiting()).toBe(0)
  expect(lines.filter((line) => line.includes('put aside'))).toHaveLength(1)
})

test('what LiveKit tells and we make nothing of is dealt with, without a word', async () => {
  await keep(
    tell('egress_started', {}),
    tell('of a later LiveKit', { room: room('later') }),
    '{"id":"EV_bare"}',
  )
  await open().drain()
  expect(await waiting()).toBe(0)
  expect(await eventsOf('later')).toEqual([])
  expect(lines).toEqual([])
})

test('more letters than are dealt with at a time are all dealt with', async () => {
  const joins = Array.from({ length: 450 }, (_, index) =>
    tell('participant_joined', { room: room('many'), participant: participant(`many-${index}`) }),
  )
  await keep(...joins)
  await open().drain()
  const events = await eventsOf('many')
  expect(events).toHaveLength(451)
  expect(events.slice(1)).toEqual(joins.map((_, index) => `${index + 2} participant_joined many-${index}`))
})

test('several processes at once deal with each letter once, in order', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `shared-${index}`)
  const processors = [open(), open(), open()]
  const keeping = names.map((name) => keep(...call(name)))
  await Promise.all([...keeping, ...processors.map(({ drain }) => drain())])
  await Promise.all(processors.map(({ drain }) => drain()))
  for (const name of names) expect(await eventsOf(name)).toEqual(eventsOfCall(name))
  expect(observed).toHaveLength(4 * names.length)
})

test('while the database is away nothing is put aside, and all is dealt with when it is back', async () => {
  await keep(...call('away'))
  const processor = open()
  await proxy.set('refuse')
  await expect(processor.drain()).rejects.toThrow()
  await proxy.set('pass')
  await processor.drain()
  expect(await eventsOf('away')).toEqual(eventsOfCall('away'))
  expect(lines.filter((line) => line.includes('put aside'))).toEqual([])
})

test('a letter that is half dealt with when the database goes is dealt with again, and not twice', async () => {
  const processor = open()
  for (let round = 0; round < 10; round++) {
    await keep(...call(`cut-${round}`))
    const draining = processor.drain().catch(() => undefined)
    await proxy.set('cut')
    await draining
  }
  await processor.drain()
  for (let round = 0; round < 10; round++)
    expect(await eventsOf(`cut-${round}`)).toEqual(eventsOfCall(`cut-${round}`))
  expect(lines.filter((line) => line.includes('put aside'))).toEqual([])
})
