import { expect, test } from 'vitest'
import { useServer } from '../product.ts'
import { openRaw } from './raw-connection.ts'
import { contentLength, health, json, keyMark, post, raw } from './raw-requests.ts'

const product = useServer()
const origin = 'Origin: https://elsewhere.example'

const kinds = [
  { status: 200, what: 'an answer', request: health(origin) },
  { status: 400, what: 'a broken request line', request: `nonsense\r\n${origin}\r\n\r\n` },
  { status: 400, what: 'a broken address', request: raw('GET', '/v1/rooms/%zz', [origin, keyMark]) },
  { status: 400, what: 'a broken body', request: post([json, origin, contentLength(1)], '{') },
  { status: 401, what: 'no key', request: raw('GET', '/v1/rooms', [origin]) },
  { status: 404, what: 'no such room', request: raw('GET', '/v1/rooms/nowhere', [origin, keyMark]) },
  { status: 404, what: 'no such address', request: raw('GET', '/nowhere', [origin]) },
  { status: 405, what: 'another method', request: raw('PUT', '/v1/rooms', [origin]) },
  {
    status: 405,
    what: 'a preflight',
    request: raw('OPTIONS', '/v1/rooms', [origin, 'Access-Control-Request-Method: GET']),
  },
  { status: 413, what: 'a large body', request: post([json, origin, contentLength(300_000)], '') },
  {
    status: 414,
    what: 'a long address',
    request: raw('GET', `/v1/rooms?cursor=${'a'.repeat(9000)}`, [origin]),
  },
  {
    status: 415,
    what: 'another media type',
    request: post(['Content-Type: text/plain', origin, contentLength()]),
  },
  { status: 417, what: 'another expectation', request: health(origin, 'Expect: 200-ok') },
  { status: 431, what: 'large headers', request: health(origin, `A: ${'a'.repeat(20_000)}`) },
]

test.each(kinds)(
  '$what ($status) has the headers of safety, and none that let other origins in',
  async (kind) => {
    const connection = await openRaw(product.server.url)
    connection.send(kind.request.replaceAll(keyMark, `X-API-Key: ${product.server.apiSecret}`))
    const [answer] = await connection.answers(1)
    connection.destroy()
    expect(answer?.status).toBe(kind.status)
    expect(answer?.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-request-id': expect.stringMatching(/^[\w-]{1,64}$/),
    })
    const names = Object.keys(answer?.headers ?? {})
    expect(names.filter((name) => /^access-control-|^x-powered-by$|^server$/.test(name))).toEqual([])
  },
)

test.each(['', 'a b', 'x'.repeat(65), 'a;b', 'ü'])('the request id %j is not taken over', async (id) => {
  const connection = await openRaw(product.server.url)
  connection.send(health(`X-Request-Id: ${id}`))
  const [answer] = await connection.answers(1)
  connection.destroy()
  expect(answer?.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/)
})
