import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Claimed, createQueueStore, type Result } from './queue-store.ts'
import { attemptOf, rooms, sealing, useWebhooks } from './testing.ts'

const db = useWebhooks()

/** A process's share of the queue. */
const claimant = (name: string, leaseSeconds = 30) => createQueueStore(db.database, name, leaseSeconds)

const resultOf = ({ webhookId, position, url }: Claimed, changes: Partial<Result> = {}): Result => ({
  webhookId,
  position,
  url,
  attempt: attemptOf(200),
  outcome: 'delivered',
  ...changes,
})
const failed = (claimed: Claimed, changes: Partial<Result> = {}) =>
  resultOf(claimed, { attempt: attemptOf(500), outcome: { retryInMs: 60_000 }, ...changes })

const eventIds = (claimed: Claimed[]) => claimed.map(({ eventId }) => eventId)

test('an event is queued for the active endpoints that want its type', async () => {
  const all = await db.endpoint()
  const some = await db.endpoint({ events: ['room_closed', 'participant_left'] })
  const disabled = await db.endpoint()
  await db.database.updateTable('webhooks').set({ status: 'disabled' }).where('id', '=', disabled).execute()
  const [created, closed] = await db.happen(['room_created', 'room_closed'])
  expect((await db.deliveriesOf(all)).map(({ eventId }) => eventId)).toEqual([created, closed])
  expect((await db.deliveriesOf(some)).map(({ eventId }) => eventId)).toEqual([closed])
  expect(await db.deliveriesOf(disabled)).toEqual([])
})

test('what claimants take at once is in one hand each, and nothing is left', async () => {
  const endpoints = [await db.endpoint(), await db.endpoint(), await db.endpoint()]
  const ids = await db.happen(rooms(200))
  const wanted = endpoints.map((webhookId) => ({ webhookId, count: 8 }))
  const claimants = ['first', 'second', 'third'].map((name) => claimant(name))
  // Each has begun before any of them goes on.
  const shares = await Promise.all(claimants.map((one) => one.claim(wanted)))
  for (const share of shares) expect(share.length).toBeGreaterThan(0)
  const takeRest = async (one: ReturnType<typeof claimant>, share: Claimed[]) => {
    for (let some = share; some.length > 0; some = await one.claim(wanted))
      if (some !== share) share.push(...some)
  }
  await Promise.all(claimants.map((one, index) => takeRest(one, shares[index] as Claimed[])))
  for (const webhookId of endpoints) {
    const taken = shares.flat().filter((one) => one.webhookId === webhookId)
    expect(eventIds(taken).toSorted()).toEqual(ids.toSorted())
  }
})

test('a claim does not wait for another one that is under way', async () => {
  const id = await db.endpoint()
  const ids = await db.happen(rooms(3))
  await db.database.transaction().execute(async (transaction) => {
    expect(
      eventIds(await createQueueStore(transaction, 'first', 30).claim([{ webhookId: id, count: 1 }])),
    ).toEqual([ids[0]])
    const claimed = await claimant('second').claim([{ webhookId: id, count: 8 }])
    expect(eventIds(claimed).toSorted()).toEqual(ids.slice(1).toSorted())
  })
})

test('of each endpoint no more is claimed than asked for, what has been due for longest first', async () => {
  const [one, other] = [await db.endpoint(), await db.endpoint()]
  const ids = await db.happen(rooms(5))
  const last = (await db.deliveriesOf(one)).at(-1)?.position ?? ''
  await sql`update deliveries set next_at = now() - interval '1 minute' where position = ${last}`.execute(
    db.database,
  )
  const claimed = await claimant('first').claim([
    { webhookId: one, count: 2 },
    { webhookId: other, count: 1 },
  ])
  expect(claimed.map(({ webhookId }) => webhookId).toSorted()).toEqual([one, one, other].toSorted())
  expect(eventIds(claimed)).toContain(ids.at(-1))
})

test('a claim tells all that a delivery needs', async () => {
  const id = await db.endpoint({ url: 'http://127.0.0.1:9/hook' })
  const [eventId] = await db.happen(['room_closed'])
  const [claimed] = await claimant('first').claim([{ webhookId: id, count: 1 }])
  expect(claimed).toMatchObject({
    webhookId: id,
    eventId,
    type: 'room_closed',
    url: 'http://127.0.0.1:9/hook',
    tries: 1,
    sealedOldSecret: null,
  })
  expect(sealing.open(id, claimed?.sealedSecret ?? Buffer.alloc(0))).toBe('a secret of these tests, as text')
  expect(JSON.parse(claimed?.body ?? '')).toMatchObject({ id: eventId, sequence: 1 })
})

test('what a dead process had claimed is taken over after its lease, and what it says then changes nothing', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const wanted = [{ webhookId: id, count: 1 }]
  const [dead, alive] = [claimant('dead', 0), claimant('alive')]
  const [first] = (await dead.claim(wanted)) as [Claimed]
  const [second] = (await alive.claim(wanted)) as [Claimed]
  expect(second).toMatchObject({ position: first.position, tries: 2 })
  expect(await claimant('third').claim(wanted)).toEqual([])

  await dead.complete([failed(first, { outcome: 'failed', attempt: attemptOf(410) })])
  await dead.release([first])
  expect(await db.deliveriesOf(id)).toMatchObject([{ state: 'pending', claimed_by: 'alive', attempts: [] }])
  expect(await db.row(id)).toMatchObject({ status: 'active', failures: 0 })

  await alive.complete([resultOf(second)])
  await dead.complete([failed(first)])
  expect(await db.deliveriesOf(id)).toMatchObject([
    { state: 'delivered', claimed_by: null, attempts: [{ statusCode: 200 }] },
  ])
})

test('a failed attempt is tried again after its pause, not before', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(2))
  const queue = claimant('first')
  const wanted = [{ webhookId: id, count: 2 }]
  const [soon, late] = (await queue.claim(wanted)) as [Claimed, Claimed]
  await queue.complete([failed(soon, { outcome: { retryInMs: 0 } }), failed(late)])
  expect(await queue.claim(wanted)).toMatchObject([{ position: soon.position, tries: 2 }])
  const waiting = (await db.deliveriesOf(id)).find(({ position }) => position === late.position)
  const pauseMs = (waiting?.next_at.getTime() ?? 0) - Date.now()
  expect(pauseMs).toBeGreaterThan(50_000)
  expect(pauseMs).toBeLessThanOrEqual(61_000)
})

test('every attempt is kept, the last twenty of many', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const queue = claimant('first')
  for (let status = 500; status < 525; status++) {
    const [claimed] = (await queue.claim([{ webhookId: id, count: 1 }])) as [Claimed]
    await queue.complete([failed(claimed, { attempt: attemptOf(status), outcome: { retryInMs: 0 } })])
  }
  const [delivery] = await db.deliveriesOf(id)
  expect(delivery?.tries).toBe(25)
  expect(delivery?.attempts.map(({ statusCode }) => statusCode)).toEqual(
    Array.from({ length: 20 }, (_, index) => 505 + index),
  )
})

test('failures are counted since the first one, until one succeeds', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(4))
  const queue = claimant('first')
  const [a, b, c, d] = (await queue.claim([{ webhookId: id, count: 4 }])) as [
    Claimed,
    Claimed,
    Claimed,
    Claimed,
  ]
  await queue.complete([failed(a), failed(b, { outcome: 'failed' })])
  const failing = await db.row(id)
  expect(failing).toMatchObject({ failures: 2, failing_since: expect.any(Date) })
  await queue.complete([failed(c)])
  expect(await db.row(id)).toMatchObject({ failures: 3, failing_since: failing.failing_since })
  await queue.complete([resultOf(d)])
  expect(await db.row(id)).toMatchObject({ failures: 0, failing_since: null, status: 'active' })
})

test('a success among failures clears them, whichever came first', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(3))
  const queue = claimant('first')
  const [a, b, c] = (await queue.claim([{ webhookId: id, count: 3 }])) as [Claimed, Claimed, Claimed]
  await queue.complete([failed(a), resultOf(b), failed(c)])
  expect(await db.row(id)).toMatchObject({ failures: 0, failing_since: null })
})

test('who is disabled is told why, and gets nothing more, queued or new', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(2))
  const queue = claimant('first')
  const [claimed] = (await queue.claim([{ webhookId: id, count: 1 }])) as [Claimed]
  await queue.complete([failed(claimed, { attempt: attemptOf(410) })])
  expect(await db.row(id)).toMatchObject({ status: 'disabled', disabled_reason: 'It answered 410 Gone.' })
  await db.happen(rooms(1))
  expect(await db.deliveriesOf(id)).toHaveLength(2)
  expect(await queue.due()).toEqual([])
  expect(await queue.claim([{ webhookId: id, count: 8 }])).toEqual([])
})

test('410 of the address that it had before disables nothing', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const queue = claimant('first')
  const [claimed] = (await queue.claim([{ webhookId: id, count: 1 }])) as [Claimed]
  await db.database.updateTable('webhooks').set({ url: 'http://127.0.0.1:1/moved' }).execute()
  await queue.complete([failed(claimed, { attempt: attemptOf(410) })])
  expect(await db.row(id)).toMatchObject({ status: 'active', failures: 1 })
})

test('five days of failures are over with a success, also for what was claimed before it', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(2))
  await sql`update webhooks set failures = 20, failing_since = now() - interval '6 days'`.execute(db.database)
  const queue = claimant('first')
  const [a, b] = (await queue.claim([{ webhookId: id, count: 2 }])) as [Claimed, Claimed]
  await queue.complete([resultOf(a)])
  await queue.complete([failed(b)])
  expect(await db.row(id)).toMatchObject({ status: 'active', failures: 1 })
})

test('what could not be tried is put off, and counts for nothing', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const queue = claimant('first')
  const [claimed] = (await queue.claim([{ webhookId: id, count: 1 }])) as [Claimed]
  await queue.complete([failed(claimed, { outcome: { putOffMs: 60_000 } })])
  expect(await db.row(id)).toMatchObject({ status: 'active', failures: 0, failing_since: null })
  const [delivery] = await db.deliveriesOf(id)
  expect(delivery).toMatchObject({ state: 'pending', tries: 0 })
  expect(delivery?.next_at.getTime()).toBeGreaterThan(Date.now() + 50_000)
})

test('what is given back is due at once and has not been tried', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(1))
  const [queue, other] = [claimant('first'), claimant('second')]
  const wanted = [{ webhookId: id, count: 1 }]
  const claimed = await queue.claim(wanted)
  await other.release(claimed)
  expect(await other.claim(wanted)).toEqual([])
  await queue.release(claimed)
  expect(await other.claim(wanted)).toMatchObject([{ tries: 1 }])
})

test('endpoints with something due are found: not those whose deliveries are claimed, wait or are done', async () => {
  const [due, claimed, waiting, done, idle] = (await Promise.all(
    Array.from({ length: 5 }, (_, index) => db.endpoint({ events: index === 4 ? ['room_closed'] : ['*'] })),
  )) as [string, string, string, string, string]
  await db.happen(rooms(1))
  const queue = claimant('first')
  const taken = await queue.claim([claimed, waiting, done].map((webhookId) => ({ webhookId, count: 1 })))
  const of = (id: string) => taken.find(({ webhookId }) => webhookId === id) as Claimed
  await queue.complete([failed(of(waiting)), resultOf(of(done))])
  expect(await queue.due()).toEqual([due])
  expect(await db.deliveriesOf(idle)).toEqual([])
})

test('the old secret goes along until its overlap ends', async () => {
  const id = await db.endpoint()
  await db.happen(rooms(2))
  const claimOne = async () => (await claimant('first').claim([{ webhookId: id, count: 1 }]))[0]
  const rotate = (seconds: number) =>
    sql`update webhooks set sealed_old_secret = 'old', old_secret_until = now() + make_interval(secs => ${seconds})`.execute(
      db.database,
    )
  await rotate(60)
  expect((await claimOne())?.sealedOldSecret?.toString()).toBe('old')
  await rotate(-1)
  expect((await claimOne())?.sealedOldSecret).toBeNull()
})
