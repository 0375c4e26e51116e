import { startReceiver } from '@rtcstack/testkit'
import { Webhook } from 'standardwebhooks'
import { afterAll, expect, test } from 'vitest'
import { createOutbound } from '../outbound/outbound.ts'
import { createSealing } from '../secrets/sealing.ts'
import { createDeliver, type Parcel } from './deliver.ts'
import { makeSecret } from './secret.ts'

const sealing = createSealing(['a key of these tests'])
const outbound = createOutbound({ allowCidrs: ['127.0.0.0/8'] })
afterAll(outbound.close)
const deliver = createDeliver(outbound, sealing, () => new Date())

const secret = makeSecret()
const oldSecret = 'an old secret, which is plain text'
const seal = (text: string) => sealing.seal('wh_1', text)

const parcel = (url: string, changes: Partial<Parcel> = {}): Parcel => ({
  webhookId: 'wh_1',
  url,
  sealedSecret: seal(secret),
  sealedOldSecret: null,
  eventId: 'room_created:RM_1',
  type: 'room_created',
  body: '{"é":"\u2028"}',
  ...changes,
})

test('a delivery says what it is, is signed, and is told with its time', async () => {
  await using receiver = await startReceiver()
  const at = new Date()
  const timed = createDeliver(outbound, sealing, () => at)
  const { attempt, retryAfterSeconds } = await timed(parcel(receiver.url))
  expect(attempt).toMatchObject({ at: at.toISOString(), statusCode: 204, error: null, address: '127.0.0.1' })
  expect(retryAfterSeconds).toBeUndefined()
  const [received] = receiver.received
  expect(received).toMatchObject({
    body: '{"é":"\u2028"}',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'RTCstack-Webhook/1',
      'x-rtcstack-event': 'room_created',
      'webhook-id': 'room_created:RM_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    },
  })
  const headers = received?.headers as Record<string, string>
  expect(new Webhook(secret).verify(received?.body ?? '', headers)).toEqual({ é: '\u2028' })
})

test('while its secret changes it is good for who knows either', async () => {
  await using receiver = await startReceiver()
  await deliver(parcel(receiver.url, { sealedOldSecret: seal(oldSecret) }))
  const [received] = receiver.received
  const headers = received?.headers as Record<string, string>
  expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  for (const receiver of [new Webhook(secret), new Webhook(oldSecret, { format: 'raw' })])
    expect(receiver.verify(received?.body ?? '', headers)).toBeDefined()
})

test.each([
  ['sealed with another key', { sealedSecret: createSealing(['another key']).seal('wh_1', secret) }],
  ['sealed for another webhook', { sealedSecret: sealing.seal('wh_2', secret) }],
  ['broken', { sealedSecret: seal(secret).subarray(0, -1) }],
  ['empty', { sealedSecret: Buffer.alloc(0) }],
  ['too short to sign with', { sealedSecret: seal('short') }],
])('without a secret nothing is sent: it is %s', async (_what, changes) => {
  await using receiver = await startReceiver()
  const { attempt } = await deliver(parcel(receiver.url, changes))
  expect(attempt).toMatchObject({ error: 'secret', statusCode: null, address: null, durationMs: 0 })
  expect(receiver.received).toEqual([])
})

test('an old secret that cannot be opened is left out', async () => {
  await using receiver = await startReceiver()
  const lost = createSealing(['another key']).seal('wh_1', secret)
  const { attempt } = await deliver(parcel(receiver.url, { sealedOldSecret: lost }))
  expect(attempt.error).toBe(null)
  expect(receiver.received[0]?.headers['webhook-signature']).toMatch(/^v1,\S+$/)
})

test('what the endpoint asks for is told to who plans the next attempt', async () => {
  await using receiver = await startReceiver({
    answer: (_request, response) => response.writeHead(429, { 'retry-after': '17' }).end('slow down'),
  })
  expect(await deliver(parcel(receiver.url))).toMatchObject({
    attempt: { statusCode: 429, error: 'status', answer: 'slow down' },
    retryAfterSeconds: 17,
  })
})
