import { type LedgerEvent, verifyWebhook } from '@rtcstack/sdk'
import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { createForwarder } from './forward.ts'

const secret = 'a secret of the test, long enough'
const parcel = (id: string) => {
  const event = { id, type: 'room_closed' } as LedgerEvent
  // No writer of JSON makes these spaces: they show that the text itself is sent.
  return { event, body: `{ "id":"${id}",  "type":"room_closed" }` }
}

type Reply = number | Error | 'hang'

/** Forwards to an application that answers so in turn, then with 204; what it got and what was said. */
function forwardTo(replies: Reply[] = [], times = {}) {
  const asked: { request: Request; body: string; at: number }[] = []
  const said: string[] = []
  const say = (text: string) => said.push(text.replace(/\d+ ms/, 'N ms'))
  const stopping = new AbortController()
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    asked.push({ request, body: await request.clone().text(), at: Date.now() })
    const reply = replies.shift() ?? 204
    if (reply instanceof Error) throw reply
    if (reply !== 'hang') return new Response(reply === 204 ? null : 'text', { status: reply })
    return new Promise<Response>((_, reject) =>
      request.signal.addEventListener('abort', () => reject(request.signal.reason)),
    )
  }
  const forward = createForwarder({
    url: 'http://app.test/hook',
    secret,
    fetch,
    signal: stopping.signal,
    onDone: say,
    onFailure: (text) => say(`! ${text}`),
    pausesMs: [1, 2, 3],
    ...times,
  })
  return { forward, asked, said, stop: () => stopping.abort() }
}

test('an event is posted with the headers of a webhook, its text as it came', async () => {
  const { forward, asked, said } = forwardTo()
  await forward(parcel('e1'))
  const { request, body } = asked[0] ?? expect.fail()
  expect([request.method, request.url, request.redirect]).toEqual(['POST', 'http://app.test/hook', 'manual'])
  expect(body).toBe(parcel('e1').body)
  expect(await verifyWebhook(body, request.headers, secret)).toEqual(parcel('e1').event)
  const { 'webhook-timestamp': _, 'webhook-signature': __, ...headers } = Object.fromEntries(request.headers)
  expect(headers).toEqual({
    'content-type': 'application/json',
    'user-agent': 'RTCstack-Webhook/1',
    'webhook-id': 'e1',
    'x-rtcstack-event': 'room_closed',
  })
  expect(said).toEqual(['  → POST 204 (N ms)'])
})

test('what fails is said and tried again after a pause, under the same id', async () => {
  const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED ::1:4000') })
  const { forward, asked, said } = forwardTo([500, refused, 302])
  await forward(parcel('e1'))
  expect(said).toEqual([
    '!   → POST 500 (N ms), again in 0.001 s',
    '!   → POST connect ECONNREFUSED ::1:4000 (N ms), again in 0.002 s',
    '!   → POST 302 (N ms), again in 0.003 s',
    '  → POST 204 (N ms)',
  ])
  expect(asked.map(({ request }) => request.headers.get('webhook-id'))).toEqual(['e1', 'e1', 'e1', 'e1'])
})

test('each attempt is signed anew, as it would be too old otherwise', async () => {
  const { forward, asked } = forwardTo([500], { pausesMs: [1001] })
  await forward(parcel('e1'))
  const times = asked.map(({ request }) => Number(request.headers.get('webhook-timestamp')))
  expect(times[1]).toBeGreaterThan(times[0] ?? Number.NaN)
  for (const { request, body } of asked) await verifyWebhook(body, request.headers, secret)
})

test('after four attempts an event is given up, and the next has its turn', async () => {
  const { forward, asked, said } = forwardTo([500, 404, 410, 503])
  for (const id of ['e1', 'e2']) await forward(parcel(id))
  expect(asked.map(({ request }) => request.headers.get('webhook-id'))).toEqual([
    'e1',
    'e1',
    'e1',
    'e1',
    'e2',
  ])
  expect(said.slice(3)).toEqual(['!   → POST 503 (N ms), given up: e1', '  → POST 204 (N ms)'])
})

test('an application that does not answer is waited for so long, and no longer', async () => {
  const { forward, said } = forwardTo(['hang', 204], { deadlineMs: 20 })
  await forward(parcel('e1'))
  expect(said).toEqual(['!   → POST no answer within 0.02 s (N ms), again in 0.001 s', '  → POST 204 (N ms)'])
})

test.each([
  ['an attempt', 'hang' as const, 0],
  ['a pause', 500, 1],
])('an end during %s is quiet', async (_, reply, count) => {
  const { forward, said, asked, stop } = forwardTo([reply], { pausesMs: [60_000] })
  const done = forward(parcel('e1'))
  await eventually(() => asked.length === 1 && said.length === count, { intervalMs: 1 })
  stop()
  await done
  expect([said.length, asked.length]).toEqual([count, 1])
})
