import { expect, test } from 'vitest'
import { runWith } from '../testing.ts'

const webhook = {
  id: 'wh_1',
  url: 'https://app.example.com/hook',
  events: ['room_created', 'room_closed'],
  secret: '***',
  status: 'active',
  disabledReason: null,
  createdAt: '2026-01-01T12:00:00.000Z',
  updatedAt: '2026-01-01T12:00:00.000Z',
}
const delivery = {
  id: 'dl_7_1',
  webhookId: 'wh_1',
  eventId: 'room_created:RM_1',
  type: 'room_created',
  status: 'pending',
  createdAt: '2026-01-01T12:00:00.000Z',
  nextAttemptAt: '2026-01-01T12:05:00.000Z',
  attempts: [
    {
      at: '2026-01-01T12:00:00.000Z',
      durationMs: 3,
      statusCode: 500,
      error: 'status',
      address: '::1',
      answer: 'no',
    },
    {
      at: '2026-01-01T12:00:05.000Z',
      durationMs: 1,
      statusCode: null,
      error: 'refused',
      address: null,
      answer: null,
    },
  ],
}

/** Runs `rtcstack webhooks …` against one answer; what it sent. */
async function webhooks(argv: string[], path: string, answer: { status?: number; body?: unknown }) {
  const { asked, ...result } = await runWith(['webhooks', ...argv], { [path]: answer })
  const [request] = asked
  const text = await request?.text()
  return { ...result, request, sent: text ? JSON.parse(text) : undefined }
}

test('they are listed with why one is disabled, and as JSON', async () => {
  const gone = {
    ...webhook,
    id: 'wh_2',
    status: 'disabled',
    disabledReason: 'It answered 410 Gone.',
    events: ['*'],
  }
  const answer = { body: { webhooks: [webhook, gone] } }
  expect((await webhooks(['list'], '/v1/webhooks', answer)).out).toBe(
    [
      'WEBHOOK  STATUS                           EVENTS                    URL',
      'wh_1     active                           room_created,room_closed  https://app.example.com/hook',
      'wh_2     disabled: It answered 410 Gone.  *                         https://app.example.com/hook',
      '',
    ].join('\n'),
  )
  expect(JSON.parse((await webhooks(['list', '--json'], '/v1/webhooks', answer)).out)).toEqual(answer.body)
})

test.each([
  [
    ['create', 'https://app.example.com/hook'],
    'POST',
    '/v1/webhooks',
    { url: 'https://app.example.com/hook' },
  ],
  [
    ['create', 'https://a.test', '--events', 'room_created, room_closed', '--secret', 's'],
    'POST',
    '/v1/webhooks',
    { url: 'https://a.test', events: ['room_created', 'room_closed'], secret: 's' },
  ],
  [['get', 'wh_1'], 'GET', '/v1/webhooks/wh_1', undefined],
  [
    ['update', 'wh_1', '--endpoint', 'https://b.test', '--events', '*', '--status', 'active'],
    'PATCH',
    '/v1/webhooks/wh_1',
    { url: 'https://b.test', events: ['*'], status: 'active' },
  ],
  [['rotate-secret', 'wh_1'], 'POST', '/v1/webhooks/wh_1/rotate-secret', {}],
  [
    ['rotate-secret', 'wh_1', '--overlap', '60', '--secret', 's'],
    'POST',
    '/v1/webhooks/wh_1/rotate-secret',
    { overlapSeconds: 60, secret: 's' },
  ],
])('%o asks for what it says', async (argv, method, path, body) => {
  const { code, request, sent } = await webhooks(argv, path, { body: webhook })
  expect({ code, method: request?.method, sent }).toEqual({ code: 0, method, sent: body })
})

test('a new secret is shown', async () => {
  const body = { ...webhook, secret: 'whsec_new' }
  for (const argv of [
    ['create', webhook.url],
    ['rotate-secret', 'wh_1'],
  ])
    expect(
      (
        await webhooks(argv, argv[0] === 'create' ? '/v1/webhooks' : '/v1/webhooks/wh_1/rotate-secret', {
          body,
        })
      ).out,
    ).toContain('Its secret, which is not shown again: whsec_new')
})

test('a deletion says so', async () => {
  const { out, request } = await webhooks(['delete', 'wh_1'], '/v1/webhooks/wh_1', { status: 204 })
  expect([out, request?.method]).toEqual(['wh_1 is deleted.\n', 'DELETE'])
})

test.each([
  [{ delivered: true, statusCode: 204 }, 'Delivered: it answered 204.\n', 0],
  [{ delivered: false, statusCode: 500 }, 'Not delivered: it answered 500.\n', 1],
  [{ delivered: false, error: 'refused' }, 'Not delivered: refused.\n', 1],
])('a test that came to %o says so', async (body, text, exitCode) => {
  const { out, code } = await webhooks(['test', 'wh_1'], '/v1/webhooks/wh_1/test', { body })
  expect([out, code]).toEqual([text, exitCode])
})

test('deliveries are listed with what came of the last attempt, and how to get more', async () => {
  const { out, request } = await webhooks(
    ['deliveries', 'wh_1', '--status', 'pending', '--since', '2026-01-01T13:00:00+01:00', '--limit', '1'],
    '/v1/webhooks/wh_1/deliveries',
    { body: { deliveries: [delivery], nextCursor: 'c1' } },
  )
  expect(out).toBe(
    [
      'DELIVERY  EVENT              STATUS   TRIES  LAST            NEXT',
      'dl_7_1    room_created:RM_1  pending  2      refused (1 ms)  2026-01-01T12:05:00.000Z',
      '',
      'There are more: --cursor c1',
      '',
    ].join('\n'),
  )
  expect(Object.fromEntries(new URL(request?.url ?? '').searchParams)).toEqual({
    status: 'pending',
    since: '2026-01-01T12:00:00.000Z',
    limit: '1',
  })
})

test('a delivery is posted again, and a span of time', async () => {
  const again = await webhooks(['redeliver', 'dl_7_1'], '/v1/deliveries/dl_7_1/redeliver', { body: delivery })
  expect(again.out).toContain('dl_7_1')
  const replay = await webhooks(
    ['replay', 'wh_1', '--since', '2026-01-01', '--until', '2026-01-02', '--events', 'room_closed'],
    '/v1/webhooks/wh_1/replay',
    { status: 202, body: { queued: 12 } },
  )
  expect(replay.out).toBe('Queued: 12.\n')
  expect(replay.sent).toEqual({
    since: '2026-01-01T00:00:00.000Z',
    until: '2026-01-02T00:00:00.000Z',
    events: ['room_closed'],
  })
})
