import { eventually } from '@rtcstack/testkit'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { createSealing } from '../secrets/sealing.ts'
import { createDeliver, type Deliver, type Parcel } from './deliver.ts'
import { createDispatcher } from './dispatcher.ts'
import { createQueueStore } from './queue-store.ts'
import { attemptOf, rooms, useWebhooks } from './testing.ts'

const db = useWebhooks()
const lines: string[] = []
const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
const opened: { close(): Promise<void> }[] = []
const heldOnes: { letGo(): void }[] = []
afterEach(async () => {
  for (const held of heldOnes.splice(0)) held.letGo()
  await Promise.all(opened.splice(0).map((one) => one.close()))
  lines.length = 0
})

/** Another process that delivers, with pauses too short to be waited for unless told. */
function dispatcherWith(
  deliver: Deliver,
  { schedule = [0.01, 0.01, 0.01], queue = createQueueStore(db.database, 'tests', 30) } = {},
) {
  const dispatcher = createDispatcher({ queue, deliver, schedule, random: () => 0.5, log })
  opened.push(dispatcher)
  return dispatcher
}

const answered = (statusCode: number) => ({ attempt: attemptOf(statusCode), retryAfterSeconds: undefined })
const timedOut = () => ({
  attempt: { ...attemptOf(0), statusCode: null, error: 'timeout' as const, durationMs: 15_000 },
  retryAfterSeconds: undefined,
})

/** Deliveries that end when the test says so, with a status or, for 0, without an answer. */
function heldDeliveries() {
  const held = new Map<Parcel, (status: number) => void>()
  const most = { inAll: 0, ofOne: 0 }
  let holds = true
  const countOf = (webhookId: string) =>
    [...held.keys()].filter((parcel) => parcel.webhookId === webhookId).length
  const endAll = (status: number) => {
    for (const end of [...held.values()]) end(status)
  }
  const made = {
    most,
    countOf,
    endAll,
    count: () => held.size,
    deliver: (async (parcel) => {
      if (!holds) return answered(200)
      const { promise, resolve } = Promise.withResolvers<number>()
      held.set(parcel, resolve)
      most.inAll = Math.max(most.inAll, held.size)
      most.ofOne = Math.max(most.ofOne, countOf(parcel.webhookId))
      const status = await promise
      held.delete(parcel)
      return status === 0 ? timedOut() : answered(status)
    }) satisfies Deliver,
    letGo: () => {
      holds = false
      endAll(200)
    },
  }
  heldOnes.push(made)
  return made
}

const statesOf = async (id: string) => (await db.deliveriesOf(id)).map(({ state }) => state)
const allDelivered = async (id: string) => (await statesOf(id)).every((state) => state === 'delivered')

test('at most 8 are under way to an endpoint, and 64 in all', async () => {
  const endpoints = await Promise.all(Array.from({ length: 10 }, () => db.endpoint()))
  await db.happen(rooms(12))
  const held = heldDeliveries()
  dispatcherWith(held.deliver).wakeAll()
  // Two of each, until it shows that it answers.
  await eventually(() => held.count() === 20)
  held.endAll(200)
  await eventually(() => held.count() === 64)
  // Each of 120 deliveries is let through in turn.
  await eventually(
    async () => {
      held.endAll(200)
      return (await Promise.all(endpoints.map(allDelivered))).every(Boolean)
    },
    { intervalMs: 20 },
  )
  expect(held.most).toEqual({ inAll: 64, ofOne: 8 })
})

test('an endpoint that does not answer holds up no other', async () => {
  const hanging = await db.endpoint()
  const good = await Promise.all([db.endpoint(), db.endpoint(), db.endpoint()])
  await db.happen(rooms(100))
  const held = heldDeliveries()
  const deliver: Deliver = async (parcel) =>
    parcel.webhookId === hanging ? held.deliver(parcel) : answered(200)
  dispatcherWith(deliver).wakeAll()
  await eventually(async () => (await Promise.all(good.map(allDelivered))).every(Boolean))
  expect(held.countOf(hanging)).toBe(2)
})

test('however many hang, who answers has places', async () => {
  const good = await db.endpoint()
  const held = heldDeliveries()
  const hanging = new Set<string>()
  const deliver: Deliver = async (parcel) =>
    hanging.has(parcel.webhookId) ? held.deliver(parcel) : answered(200)
  const dispatcher = dispatcherWith(deliver, { schedule: [60] })
  await db.happen(rooms(1))
  dispatcher.wakeAll()
  await eventually(() => allDelivered(good))
  for (let count = 0; count < 40; count++) hanging.add(await db.endpoint())
  await db.happen(rooms(20))
  dispatcher.wakeAll()
  await eventually(() => allDelivered(good))
  expect(held.most).toEqual({ inAll: 32, ofOne: 2 })
  // When they are known to hang they have less.
  held.endAll(0)
  await eventually(() => held.count() >= 16)
  await db.happen(rooms(20))
  dispatcher.wakeAll()
  await eventually(() => allDelivered(good))
})

test('an endpoint gets 8 places while it answers, and 2 while it does not', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(40))
  const held = heldDeliveries()
  dispatcherWith(held.deliver, { schedule: [60] }).wakeAll()
  await eventually(() => held.count() === 2)
  held.endAll(200)
  await eventually(() => held.count() === 8)
  held.endAll(0)
  await eventually(() => held.count() === 2)
  await eventually(async () => (await db.row(id)).failures === 8)
  held.endAll(200)
  await eventually(() => held.count() === 8)
})

test('what fails is tried again as the schedule says, and then given up', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const statuses = [500, 503, 429, 404]
  const deliver = vi.fn<Deliver>(async () => answered(statuses.shift() ?? 200))
  dispatcherWith(deliver).wakeAll()
  await eventually(async () => (await statesOf(id))[0] === 'failed')
  const [delivery] = await db.deliveriesOf(id)
  expect(delivery?.attempts.map(({ statusCode }) => statusCode)).toEqual([500, 503, 429, 404])
  expect(await db.row(id)).toMatchObject({ status: 'active', failures: 4 })
})

test('an attempt that succeeds in the end is the last', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const statuses = [500, 200]
  const deliver = vi.fn<Deliver>(async () => answered(statuses.shift() ?? 599))
  dispatcherWith(deliver).wakeAll()
  await eventually(() => allDelivered(id))
  expect(deliver).toHaveBeenCalledTimes(2)
  expect(await db.row(id)).toMatchObject({ failures: 0, failing_since: null })
})

test('410 Gone disables at once', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const deliver = vi.fn<Deliver>(async () => answered(410))
  const dispatcher = dispatcherWith(deliver)
  dispatcher.wakeAll()
  await eventually(async () => (await db.row(id)).status === 'disabled')
  expect((await db.row(id)).disabled_reason).toBe('It answered 410 Gone.')
  await db.happen(rooms(3))
  dispatcher.wakeAll()
  await dispatcher.close()
  expect(deliver).toHaveBeenCalledOnce()
})

test.each([
  ['5 days and 10 failures', '6 days', 9, 'disabled'],
  ['5 days, but few failures', '6 days', 8, 'active'],
  ['many failures, but not 5 days', '4 days', 1000, 'active'],
])('an endpoint that has not worked for %s', async (_what, since, failures, status) => {
  const id = await db.endpoint()
  await sql`
    update webhooks set failing_since = now() - ${since}::interval, failures = ${failures}`.execute(
    db.database,
  )
  await db.happen(rooms(1))
  dispatcherWith(async () => answered(500), { schedule: [60] }).wakeAll()
  await eventually(async () => (await db.row(id)).failures === failures + 1)
  expect((await db.row(id)).status).toBe(status)
})

test('two processes deliver each once', async () => {
  const id = await db.endpoint()
  const delivered: string[] = []
  const deliverAs =
    (): Deliver =>
    async ({ eventId }) => {
      delivered.push(eventId)
      await new Promise(setImmediate)
      return answered(200)
    }
  const [first, second] = ['first', 'second'].map((name) =>
    dispatcherWith(deliverAs(), { queue: createQueueStore(db.database, name, 30) }),
  )
  const ids: string[] = []
  for (let round = 0; round < 10; round++) {
    ids.push(...(await db.happen(rooms(30))))
    first?.wake(id)
    second?.wake(id)
  }
  await eventually(() => allDelivered(id))
  expect(delivered.toSorted()).toEqual(ids.toSorted())
})

test('nothing is sent without a signature: it waits until the key of its secret is back', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const post = vi.fn(async () => ({ ...attemptOf(200), retryAfterSeconds: undefined }))
  const lost = createDeliver({ post }, createSealing(['another key']), () => new Date())
  const dispatcher = dispatcherWith(lost, { schedule: Array.from({ length: 50 }, () => 0.01) })
  dispatcher.wakeAll()
  await eventually(async () => (await db.deliveriesOf(id))[0]?.attempts.length === 1)
  await dispatcher.close()
  const [delivery] = await db.deliveriesOf(id)
  expect(delivery).toMatchObject({
    state: 'pending',
    tries: 0,
    attempts: [{ error: 'secret', statusCode: null }],
  })
  expect(await db.row(id)).toMatchObject({ failures: 0 })
  expect(post).not.toHaveBeenCalled()
  expect(lines.join()).toContain('SECRETS_KEY')
  const found = createDeliver(
    { post },
    createSealing(['another key', 'a key of these tests']),
    () => new Date(),
  )
  await db.database
    .updateTable('deliveries')
    .set({ next_at: new Date(0) })
    .execute()
  dispatcherWith(found, { schedule: [0.01] }).wakeAll()
  await eventually(() => allDelivered(id))
  expect(post).toHaveBeenCalledOnce()
})

test('results that the database cannot take are kept until it can', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(20))
  const queue = createQueueStore(db.database, 'tests', 30)
  const complete = vi.fn(queue.complete).mockRejectedValueOnce(new Error('the database is away'))
  dispatcherWith(async () => answered(200), { queue: { ...queue, complete } }).wakeAll()
  await eventually(() => allDelivered(id))
  expect(complete.mock.calls.length).toBeGreaterThan(1)
  for (const { attempts } of await db.deliveriesOf(id)) expect(attempts).toHaveLength(1)
})

test('its end waits for what is under way and claims nothing more', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(20))
  const held = heldDeliveries()
  const dispatcher = dispatcherWith(held.deliver)
  dispatcher.wakeAll()
  await eventually(() => held.count() === 2)
  const closing = dispatcher.close()
  held.endAll(200)
  await closing
  const deliveries = await db.deliveriesOf(id)
  expect(deliveries.filter(({ state }) => state === 'delivered')).toHaveLength(2)
  expect(deliveries.filter(({ claimed_by }) => claimed_by !== null)).toEqual([])
})

test('what is not answered within 10 s of its end is given back to the others', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(2))
  const held = heldDeliveries()
  const dispatcher = dispatcherWith(held.deliver)
  dispatcher.wakeAll()
  await eventually(() => held.count() === 2)
  await dispatcher.close()
  expect(await db.deliveriesOf(id)).toMatchObject([
    { state: 'pending', tries: 0, claimed_by: null, lease_until: null },
    { state: 'pending', tries: 0, claimed_by: null, lease_until: null },
  ])
})
