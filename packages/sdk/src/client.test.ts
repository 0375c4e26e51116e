import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { ConnectionError, ProblemError, TimeoutError, UnexpectedAnswerError } from './errors.ts'

const problem = (status: number, slug: string) => ({
  type: `https://rtcstack.dev/errors/${slug}`,
  title: 'T',
  status,
  detail: 'D',
  requestId: 'q',
})

type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | Error

/** A client whose requests are answered in turn, and the requests it made. */
function clientWith(replies: Reply[], options: { retries?: number; participantToken?: string } = {}) {
  const asked: Request[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    asked.push(new Request(input, init))
    const reply = replies.shift() ?? new Error('asked too often')
    if (reply instanceof Error) throw reply
    const type = reply.status < 400 ? 'application/json' : 'application/problem+json'
    const body = reply.body === undefined ? null : JSON.stringify(reply.body)
    return new Response(body, { status: reply.status, headers: { 'content-type': type, ...reply.headers } })
  }
  return { client: createClient({ url: 'http://calls.test/', apiKey: 'k', fetch, ...options }), asked }
}

const busy: Reply = {
  status: 503,
  body: problem(503, 'media-server-unavailable'),
  headers: { 'retry-after': '0' },
}
const tokenRequest = { roomId: 'r', userId: 'u', name: 'n', role: 'host' } as const
const token = { token: 't', url: 'ws://x', expiresAt: 'e' }

test('names in addresses are percent-encoded, queries are written, and the key is sent', async () => {
  const { client, asked } = clientWith([{ status: 204 }])
  await client.participants.remove('a/b ? ü', '100%', { banSeconds: 60 })
  expect(asked[0]?.url).toBe(
    'http://calls.test/v1/rooms/a%2Fb%20%3F%20%C3%BC/participants/100%25?banSeconds=60',
  )
  expect(asked[0]?.method).toBe('DELETE')
  expect(asked[0]?.headers.get('x-api-key')).toBe('k')
})

test('a participant’s token goes as a bearer', async () => {
  const { client, asked } = clientWith([{ status: 204 }], { participantToken: 'a.b.c' })
  await client.rooms.delete('r')
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer a.b.c')
})

test('a refusal is a typed problem', async () => {
  const body = {
    ...problem(400, 'validation-failed'),
    errors: [{ pointer: '#/name', detail: 'must be string' }],
  }
  const { client } = clientWith([{ status: 400, body }])
  const error = await client.rooms.create({ name: 'r' }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemError)
  expect(error).toMatchObject({
    slug: 'validation-failed',
    status: 400,
    detail: 'D',
    requestId: 'q',
    errors: body.errors,
  })
})

test('reads, tokens, and creations under one key are tried again while the server is busy', async () => {
  const reading = clientWith([
    busy,
    new TypeError('reset'),
    { status: 200, body: { rooms: [], nextCursor: null } },
  ])
  await reading.client.rooms.list()
  expect(reading.asked).toHaveLength(3)

  const asking = clientWith([busy, { status: 200, body: token }])
  expect(await asking.client.tokens.create(tokenRequest)).toEqual(token)
  expect(asking.asked.map((request) => request.headers.get('idempotency-key'))).toEqual([null, null])

  const creating = clientWith([new TypeError('reset'), { status: 201, body: { name: 'r' } }])
  await creating.client.rooms.create({ name: 'r' })
  const keys = creating.asked.map((request) => request.headers.get('idempotency-key'))
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(keys[1]).toBe(keys[0])
})

test('a removal is never repeated by itself, nor a refusal that would come again', async () => {
  const removing = clientWith([new TypeError('reset')])
  await expect(removing.client.participants.remove('r', 'u', { idempotencyKey: 'k' })).rejects.toThrow(
    ConnectionError,
  )
  const refused = clientWith([{ status: 404, body: problem(404, 'not-found') }])
  await expect(refused.client.rooms.get('r')).rejects.toThrow('D (404 T)')
  expect([removing.asked.length, refused.asked.length]).toEqual([1, 1])
})

test('a key that the caller chose is the one that is sent', async () => {
  const { client, asked } = clientWith([
    { status: 201, body: {} },
    { status: 201, body: {} },
  ])
  await client.rooms.create({ name: 'r' }, { idempotencyKey: 'mine' })
  await client.rooms.create({ name: 'r' }, { headers: { 'Idempotency-Key': 'mine' } })
  expect(asked.map((request) => request.headers.get('idempotency-key'))).toEqual(['mine', 'mine'])
})

test('retries end, with the last error', async () => {
  const { client, asked } = clientWith([busy, busy, busy, busy], { retries: 2 })
  await expect(client.rooms.list()).rejects.toThrow(ProblemError)
  expect(asked).toHaveLength(3)
})

test('pages are fetched one after the other', async () => {
  const { client, asked } = clientWith([
    { status: 200, body: { rooms: [{ name: 'a' }], nextCursor: 'c1' } },
    { status: 200, body: { rooms: [{ name: 'b' }], nextCursor: null } },
  ])
  const names = await Array.fromAsync(client.rooms.all({ limit: 1 }), (room) => room.name)
  expect(names).toEqual(['a', 'b'])
  expect(asked[1]?.url).toContain('limit=1&cursor=c1')
})

test('an answer of something else, such as a proxy’s page, says so', async () => {
  const { client } = clientWith([{ status: 200, body: 'x', headers: { 'content-type': 'text/html' } }])
  const error = await client.rooms.list().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UnexpectedAnswerError)
  expect(error).toMatchObject({ status: 200 })
})

test('over a real connection: a silent server is a TimeoutError, none a ConnectionError, an abort the caller’s reason', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createClient({ url, apiKey: 'k', timeoutMs: 100, retries: 0 })
  await expect(client.rooms.list()).rejects.toThrow(TimeoutError)
  await expect(client.rooms.list({}, { signal: AbortSignal.abort(new Error('not needed')) })).rejects.toThrow(
    'not needed',
  )
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await expect(client.rooms.list()).rejects.toThrow(ConnectionError)
})
