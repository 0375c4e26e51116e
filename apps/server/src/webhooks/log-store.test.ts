import type { EventType } from '@rtcstack/contract'
import { sql } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'
import { ledgerChannel } from '../events/ledger.ts'
import { forgetEvents } from '../events/store.ts'
import { readDeliveryId } from './delivery-id.ts'
import { createDeliveryLog } from './log-store.ts'
import { createQueueStore } from './queue-store.ts'
import { createWebhookRetention } from './retention.ts'
import { createWebhookStore } from './store.ts'
import { attemptOf, rooms, useWebhooks } from './testing.ts'

const db = useWebhooks()
const log = () => createDeliveryLog(db.database)
const retention = () => createWebhookRetention(db.database)
const beginning = new Date(0)
const soon = () => new Date(Date.now() + 60_000)

/** Delivers all that is due at an endpoint, or lets it fail for good. */
async function conclude(webhookId: string, outcome: 'delivered' | 'failed'): Promise<void> {
  const queue = createQueueStore(db.database, 'tests', 30)
  const claimed = await queue.claim([{ webhookId, count: 10_000 }])
  const attempt = attemptOf(outcome === 'delivered' ? 200 : 500)
  await queue.complete(claimed.map((one) => ({ ...one, attempt, outcome, disabledReason: undefined })))
}

/** Writes events that were recorded so many days ago, the oldest first, as the ledger would have. */
async function recordDaysAgo(days: number[], type: EventType = 'room_created'): Promise<void> {
  await sql`
    insert into events (id, type, room, sequence, body, recorded_at)
    select gen_random_uuid()::text, ${type}, gen_random_uuid()::text, 1, '{}', now() - make_interval(days => age)
    from unnest(${days}::int[]) with ordinality as given (age, place) order by place`.execute(db.database)
}

const queueAll = (webhookId: string, state: string) =>
  sql`insert into deliveries (webhook_id, position, state, next_at)
    select ${webhookId}, position, ${state}, recorded_at from events`.execute(db.database)

const listed = async (webhookId: string, filter = {}, limit = 100) =>
  (await log().list(webhookId, filter, limit)).map(({ delivery }) => delivery)

const statesOf = async (id: string) => (await db.deliveriesOf(id)).map(({ state }) => state)

/** What the processes are told on the ledger's channel meanwhile. */
async function notifications(run: () => Promise<unknown>): Promise<string[]> {
  const client = new pg.Client({ connectionString: db.url })
  const heard: string[] = []
  client.on('notification', ({ payload }) => heard.push(payload ?? ''))
  await client.connect()
  await client.query(`listen ${ledgerChannel}`)
  await run()
  // What was sent before its answer comes with it.
  await client.query('select 1')
  await client.end()
  return heard
}

test('deliveries are listed with the newest event first, each with its attempts', async () => {
  const id = await db.endpoint()
  const ids = await db.happen(rooms(2))
  await conclude(id, 'delivered')
  const [last] = await db.happen(['room_closed'])
  expect(await listed(id)).toMatchObject([
    {
      eventId: last,
      type: 'room_closed',
      status: 'pending',
      attempts: [],
      nextAttemptAt: expect.any(String),
    },
    {
      eventId: ids[1],
      type: 'room_created',
      status: 'delivered',
      attempts: [{ statusCode: 200 }],
      nextAttemptAt: null,
    },
    { eventId: ids[0], webhookId: id, status: 'delivered' },
  ])
  expect(await listed(await db.endpoint())).toEqual([])
})

test('they are filtered by status and time, and read in pages', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(3))
  await conclude(id, 'delivered')
  await db.happen(rooms(2))
  await conclude(id, 'failed')
  await db.happen(rooms(1))
  const counts = await Promise.all(
    ['delivered', 'failed', 'pending'].map(async (status) => (await listed(id, { status })).length),
  )
  expect(counts).toEqual([3, 2, 1])
  expect(await listed(id, { since: beginning })).toHaveLength(6)
  expect(await listed(id, { since: soon() })).toEqual([])
  const [first, second] = await log().list(id, {}, 2)
  const rest = await listed(id, { before: second?.position })
  expect([first?.delivery, second?.delivery, ...rest]).toEqual(await listed(id))
})

test('the id of a delivery stands for its place, and nothing else is one', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const [entry] = await log().list(id, {}, 1)
  expect(readDeliveryId(entry?.delivery.id ?? '')).toEqual({ webhookId: id, position: entry?.position })
  for (const text of [
    '',
    'dl_',
    'dl_1',
    'dl_0_a',
    'dl_01_a',
    'dl_-1_a',
    `dl_${'1'.repeat(19)}_a`,
    'dl_1_a/b',
    'wh_1',
  ])
    expect(readDeliveryId(text)).toBeUndefined()
})

test('a delivery is due once more, with the whole schedule before it, and its endpoint is told of', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(2))
  await conclude(id, 'failed')
  const [, oldest] = await log().list(id, {}, 2)
  const place = { webhookId: id, position: oldest?.position ?? '' }
  const heard = await notifications(async () =>
    expect(await log().again(place)).toMatchObject({ id: oldest?.delivery.id, status: 'pending' }),
  )
  expect(heard).toEqual([id])
  expect(await statesOf(id)).toEqual(['pending', 'failed'])
  const [claimed] = await createQueueStore(db.database, 'tests', 30).claim([{ webhookId: id, count: 8 }])
  expect(claimed).toMatchObject({ position: place.position, tries: 1 })
  expect(await log().again({ webhookId: id, position: '999999' })).toBeUndefined()
})

test('a replay queues the events of its time and types, those delivered too, at its endpoint alone', async () => {
  const [id, other] = [await db.endpoint(), await db.endpoint()]
  for (const type of ['room_created', 'room_closed', 'participant_joined'] as const)
    await recordDaysAgo([3], type)
  for (const type of ['room_closed', 'room_created'] as const) await recordDaysAgo([1], type)
  const between = new Date(Date.now() - 2 * 86_400_000)
  const replay = (since: Date, until: Date, types = ['*']) => log().replay(id, since, until, types)

  expect(await replay(beginning, soon(), ['room_closed'])).toBe(2)
  expect(await statesOf(id)).toEqual(['pending', 'pending'])
  await conclude(id, 'delivered')
  expect(await replay(between, soon())).toBe(2)
  expect(await statesOf(id)).toEqual(['delivered', 'pending', 'pending'])
  expect(await replay(beginning, between)).toBe(3)
  expect(await replay(beginning, between, ['room_created', 'participant_joined'])).toBe(2)
  expect(await replay(soon(), soon())).toBe(0)
  expect(await replay(beginning, beginning)).toBe(0)
  expect(await statesOf(id)).toEqual(Array.from({ length: 5 }, () => 'pending'))
  expect(await statesOf(other)).toEqual([])
})

test('a replay of very many events queues all of them, and tells of it', async () => {
  const id = await db.endpoint()
  await recordDaysAgo(Array.from({ length: 12_345 }, () => 1))
  const heard = await notifications(async () =>
    expect(await log().replay(id, beginning, soon(), ['*'])).toBe(12_345),
  )
  expect(heard).toEqual([id])
  expect(await db.deliveriesOf(id)).toHaveLength(12_345)
})

test('what was delivered is forgotten after 30 days, and what was not after 90', async () => {
  await recordDaysAgo([91, 89, 31, 29])
  const states = ['delivered', 'failed', 'pending'] as const
  const endpoints = await Promise.all(states.map(() => db.endpoint()))
  for (const [index, state] of states.entries()) await queueAll(endpoints[index] ?? '', state)
  expect(await retention().forgetDeliveries()).toBe(3 + 1 + 1)
  expect(await retention().forgetDeliveries()).toBe(0)
  const left = await Promise.all(endpoints.map(async (id) => (await db.deliveriesOf(id)).length))
  expect(left).toEqual([1, 3, 3])
})

test('what was delivered again lately is kept, however old the event', async () => {
  const id = await db.endpoint()
  await recordDaysAgo([40])
  await queueAll(id, 'delivered')
  await db.database.updateTable('deliveries').set({ next_at: new Date() }).execute()
  expect(await retention().forgetDeliveries()).toBe(0)
})

test('much is forgotten some at a time', async () => {
  const id = await db.endpoint()
  await recordDaysAgo(Array.from({ length: 1500 }, () => 40))
  await queueAll(id, 'delivered')
  expect([
    await retention().forgetDeliveries(),
    await retention().forgetDeliveries(),
    await retention().forgetDeliveries(),
  ]).toEqual([1000, 500, 0])
})

test('an event is forgotten after 90 days, and before that nobody can change or remove it', async () => {
  await recordDaysAgo([91, 89, 0])
  const change = (text: string) => sql.raw(text).execute(db.database)
  for (const text of [
    'delete from events',
    "delete from events where recorded_at > now() - interval '90 days'",
    "update events set body = '{}'",
    "update events set recorded_at = now() - interval '100 days'",
  ])
    await expect(change(text)).rejects.toThrow('the ledger is append-only')
  expect(await forgetEvents(db.database)).toBe(1)
  expect(await forgetEvents(db.database)).toBe(0)
  const { rows } = await sql`select from events`.execute(db.database)
  expect(rows).toHaveLength(2)
})

test('a deleted endpoint gets nothing more, and its deliveries are forgotten', async () => {
  const [id, other] = [await db.endpoint(), await db.endpoint()]
  await db.happen(rooms(3))
  expect(await createWebhookStore(db.database).remove(id)).toBe(true)
  expect(await createWebhookStore(db.database).remove(id)).toBe(false)
  const queue = createQueueStore(db.database, 'tests', 30)
  expect(await queue.due()).toEqual([other])
  expect(await queue.claim([{ webhookId: id, count: 8 }])).toEqual([])
  expect([await retention().forgetDeleted(), await retention().forgetDeleted()]).toEqual([3, 0])
  expect(await db.deliveriesOf(id)).toEqual([])
  expect(await db.deliveriesOf(other)).toHaveLength(3)
})
