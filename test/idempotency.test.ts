import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'

const product = useServer()

function post(path: string, body: unknown, key: string, apiKey = product.server.apiSecret) {
  return fetch(`${product.server.url}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
}

test('a repeat gets the first answer, and says so', async () => {
  const key = randomUUID()
  const request = { roomId: uniqueName('room'), userId: 'ada', name: 'Ada', role: 'host' }
  const first = await post('/v1/token', request, key)
  const second = await post('/v1/token', request, key)
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  expect(second.headers.get('idempotent-replayed')).toBe('true')
  expect(second.status).toBe(first.status)
  expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
  expect(await second.text()).toBe(await first.text())
})

test('a refusal is repeated as it was, as a problem', async () => {
  const key = randomUUID()
  const path = `/v1/rooms/${uniqueName('room')}/participants/ada/mute`
  const first = await post(path, { trackSid: 'TR_x' }, key)
  const second = await post(path, { trackSid: 'TR_x' }, key)
  expect([first.status, second.status]).toEqual([404, 404])
  expect(second.headers.get('content-type')).toBe('application/problem+json')
  expect(await second.json()).toEqual(await first.json())
})

test('the same key with another body or address is refused', async () => {
  const key = randomUUID()
  const name = uniqueName('room')
  expect((await post('/v1/rooms', { name }, key)).status).toBe(201)
  expect((await post('/v1/rooms', { name, maxParticipants: 2 }, key)).status).toBe(422)
  expect((await post('/v1/token', { name }, key)).status).toBe(400)
})

test('a hundred at once of one key have one effect: one answer, and the others are it or told to wait', async () => {
  const key = randomUUID()
  const name = uniqueName('room')
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const answer = await post('/v1/rooms', { name }, key)
      return {
        status: answer.status,
        replayed: answer.headers.get('idempotent-replayed'),
        body: await answer.text(),
      }
    }),
  )
  const created = answers.filter((answer) => answer.status === 201)
  expect(answers.filter((answer) => answer.status !== 201).every((answer) => answer.status === 409)).toBe(
    true,
  )
  expect(created.filter((answer) => answer.replayed === null)).toHaveLength(1)
  expect(new Set(created.map((answer) => answer.body)).size).toBe(1)
})

test.each(['', 'x'.repeat(256), 'a b', 'ü'])('the key %j is refused', async (key) => {
  const answer = await post(
    '/v1/rooms',
    { name: uniqueName('room') },
    encodeURIComponent(key) === key ? key : Buffer.from(key).toString('latin1'),
  )
  expect(answer.status).toBe(400)
})
