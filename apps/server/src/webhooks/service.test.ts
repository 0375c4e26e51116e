import { Webhook as StandardWebhook } from 'standardwebhooks'
import { beforeEach, expect, test, vi } from 'vitest'
import { createSealing } from '../secrets/sealing.ts'
import { createDeliver } from './deliver.ts'
import { createQueueStore } from './queue-store.ts'
import { createWebhookService } from './service.ts'
import { createWebhookStore } from './store.ts'
import { attemptOf, rooms, useWebhooks } from './testing.ts'

const db = useWebhooks()
const url = 'https://app.example.com/hook'
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const other = 'another secret, which is plain text'

/** What is posted, and answered with 200. */
const post = vi.fn(async (_url: string, _request: { headers: Record<string, string>; body: string }) => ({
  ...attemptOf(200),
  retryAfterSeconds: undefined,
}))
beforeEach(() => post.mockClear())

/** The service as a process with this SECRETS_KEY has it; the address of a cellar is refused. */
function serviceWith(secretsKey = 'key') {
  const sealing = createSealing([secretsKey])
  const outbound = {
    post,
    refusal: async (address: string) => (address.includes('cellar') ? 'is not public' : undefined),
  }
  const deliver = createDeliver(outbound, sealing, () => new Date())
  const service = createWebhookService({ store: createWebhookStore(db.database), sealing, outbound, deliver })
  return { ...service, deliver }
}

/** Which of the secrets the last post is good for. */
function signers(): string[] {
  const [, request] = post.mock.lastCall ?? []
  if (!request) throw new Error('nothing was posted')
  const isGood = (one: string) => {
    const format = one.startsWith('whsec_') ? undefined : ({ format: 'raw' } as const)
    try {
      return new StandardWebhook(one, format).verify(request.body, request.headers) !== undefined
    } catch {
      return false
    }
  }
  return [secret, other].filter(isGood)
}

test('a secret is shown when it is made, and never again', async () => {
  const webhooks = serviceWith()
  const made = await webhooks.create({ url, secret })
  expect(made).toMatchObject({ url, events: ['*'], secret, status: 'active', disabledReason: null })
  expect(made.id).toMatch(/^wh_[\w-]{16}$/)
  const updated = await webhooks.update(made.id, { events: ['room_closed'] })
  const seen = [await webhooks.get(made.id), updated, ...(await webhooks.list())]
  expect(seen.map((one) => one.secret)).toEqual(['***', '***', '***'])
  const row = await db.row(made.id)
  expect(row.sealed_secret.toString('latin1')).not.toContain('MfKQ9r8G')
  expect(JSON.stringify(row)).not.toContain('MfKQ9r8G')
})

test('where none is given one is made that standard libraries take', async () => {
  const { secret: made } = await serviceWith().create({ url })
  expect(made).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(() => new StandardWebhook(made)).not.toThrow()
})

test.each([
  { url, secret: 'short' },
  { url, secret: 'whsec_c2hvcnQ=' },
  { url: 'https://cellar.example.com/hook' },
])('%j is refused as invalid, and nothing is made', async (request) => {
  const webhooks = serviceWith()
  await expect(webhooks.create(request)).rejects.toMatchObject({ status: 400, slug: 'validation-failed' })
  expect(await webhooks.list()).toEqual([])
})

test('a change is judged as a new one is, and what is left out stays', async () => {
  const webhooks = serviceWith()
  const { id } = await webhooks.create({ url, events: ['room_closed'] })
  await expect(webhooks.update(id, { url: 'https://cellar.example.com' })).rejects.toMatchObject({
    status: 400,
  })
  await expect(webhooks.rotate(id, 'short')).rejects.toMatchObject({ status: 400 })
  expect(await webhooks.get(id)).toMatchObject({ url, events: ['room_closed'], status: 'active' })
  expect(await webhooks.update(id, { url: `${url}/new` })).toMatchObject({
    url: `${url}/new`,
    events: ['room_closed'],
    status: 'active',
  })
})

test('one that was disabled begins anew when it is made active', async () => {
  const webhooks = serviceWith()
  const { id } = await webhooks.create({ url })
  await db.database
    .updateTable('webhooks')
    .set({
      status: 'disabled',
      disabled_reason: 'It answered 410 Gone.',
      failing_since: new Date(0),
      failures: 99,
    })
    .execute()
  expect(await webhooks.get(id)).toMatchObject({
    status: 'disabled',
    disabledReason: 'It answered 410 Gone.',
  })
  expect(await webhooks.update(id, { status: 'active' })).toMatchObject({
    status: 'active',
    disabledReason: null,
  })
  expect(await db.row(id)).toMatchObject({ failing_since: null, failures: 0 })
  const [eventId] = await db.happen(rooms(1))
  expect(await db.deliveriesOf(id)).toMatchObject([{ eventId }])
})

test('what was queued before one was disabled is delivered when it is active again', async () => {
  const webhooks = serviceWith()
  const { id } = await webhooks.create({ url })
  await db.happen(rooms(1))
  await webhooks.update(id, { status: 'disabled' })
  await db.happen(rooms(1))
  const queue = createQueueStore(db.database, 'tests', 30)
  expect(await queue.due()).toEqual([])
  await webhooks.update(id, { status: 'active' })
  expect(await queue.due()).toEqual([id])
  expect(await queue.claim([{ webhookId: id, count: 8 }])).toHaveLength(1)
})

test('a new secret signs at once, and the old one until the overlap ends', async () => {
  const webhooks = serviceWith()
  const { id } = await webhooks.create({ url, secret })
  const queue = createQueueStore(db.database, 'tests', 30)
  const deliverNext = async () => {
    await db.happen(rooms(1))
    const [claimed] = await queue.claim([{ webhookId: id, count: 1 }])
    if (claimed) await webhooks.deliver(claimed)
  }
  const signersOfAll = async () => {
    await deliverNext()
    const ofDelivery = signers()
    await webhooks.test(id)
    return [ofDelivery, signers()]
  }
  expect(await signersOfAll()).toEqual([[secret], [secret]])
  expect(await webhooks.rotate(id, other, 60)).toMatchObject({ id, secret: other })
  expect(await signersOfAll()).toEqual([
    [secret, other],
    [secret, other],
  ])
  await db.database
    .updateTable('webhooks')
    .set({ old_secret_until: new Date(Date.now() - 1000) })
    .execute()
  expect(await signersOfAll()).toEqual([[other], [other]])
  await webhooks.rotate(id, secret, 0)
  expect(await signersOfAll()).toEqual([[secret], [secret]])
  expect((await webhooks.get(id)).secret).toBe('***')
})

test('while two secrets sign, a third would drop one before its time: only a rotation without overlap is possible', async () => {
  const webhooks = serviceWith()
  const { id } = await webhooks.create({ url })
  const other = await webhooks.create({ url })
  const before = await db.row(other.id)
  const { secret: second } = await webhooks.rotate(id, undefined, 3600)
  await expect(webhooks.rotate(id)).rejects.toMatchObject({ status: 409 })
  const { secret: third } = await webhooks.rotate(id, undefined, 0)
  expect(third).not.toBe(second)
  expect(await db.row(other.id)).toEqual(before)
})

test('a test tells its outcome, and is no delivery', async () => {
  const webhooks = serviceWith()
  const { id } = await webhooks.create({ url })
  expect(await webhooks.test(id)).toEqual({ delivered: true, statusCode: 200 })
  expect(JSON.parse(post.mock.lastCall?.[1].body ?? '')).toMatchObject({
    type: 'test',
    data: { webhookId: id },
  })
  post.mockResolvedValueOnce({ ...attemptOf(500), retryAfterSeconds: undefined })
  expect(await webhooks.test(id)).toEqual({ delivered: false, statusCode: 500 })
  const refused = {
    ...attemptOf(0),
    statusCode: null,
    error: 'refused',
    retryAfterSeconds: undefined,
  } as never
  post.mockResolvedValueOnce(refused)
  expect(await webhooks.test(id)).toEqual({ delivered: false, error: 'refused' })
  expect(await db.deliveriesOf(id)).toEqual([])
  expect(await db.row(id)).toMatchObject({ failures: 0, failing_since: null })
})

test('without the key of its secret nothing is posted, and the test says why', async () => {
  const { id } = await serviceWith().create({ url })
  expect(await serviceWith('lost and made anew').test(id)).toEqual({ delivered: false, error: 'secret' })
  expect(post).not.toHaveBeenCalled()
})

test('an unknown webhook is told, whatever is asked of it', async () => {
  const webhooks = serviceWith()
  const asked = [
    () => webhooks.get('wh_none'),
    () => webhooks.update('wh_none', { status: 'active' }),
    () => webhooks.remove('wh_none'),
    () => webhooks.rotate('wh_none'),
    () => webhooks.test('wh_none'),
  ]
  for (const ask of asked) await expect(ask()).rejects.toMatchObject({ status: 404, slug: 'not-found' })
})

test('a removed one is in no list', async () => {
  const webhooks = serviceWith()
  const [gone, stays] = [await webhooks.create({ url }), await webhooks.create({ url })]
  await webhooks.remove(gone.id)
  expect((await webhooks.list()).map(({ id }) => id)).toEqual([stays.id])
  await expect(webhooks.get(gone.id)).rejects.toMatchObject({ status: 404 })
})
