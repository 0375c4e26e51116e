import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { captureConnectError, joinCall } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'

const product = useServer({ LOG_LEVEL: 'debug', RATE_LIMIT_AUTH_FAILURES: '5' })

const validate = (query: string) => fetch(`${product.server.url}/rtc/validate${query}`)

/** The status of a validation with headers that fetch would not send. */
async function statusWith(token: string, headers: Record<string, string>): Promise<number | undefined> {
  const request = get(`${product.server.url}/rtc/validate?access_token=${token}`, { headers })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

test('a connection cannot take another identity than its token’s, out of the reach of kicks', async () => {
  const { token } = await product.token(uniqueName('call'), 'ada', 'participant')
  const answer = await validate(`?access_token=${token}&publish=x`)
  expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([
    403,
    'https://rtcstack.dev/errors/forbidden',
  ])
})

test('headers that mean nothing to LiveKit do not make it seem away', async () => {
  const { token } = await product.token(uniqueName('call'), 'ada', 'participant')
  for (const headers of [{ 'keep-alive': 'timeout=5' }, { 'x-anything': 'x' }, { te: 'trailers' }])
    expect(await statusWith(token, headers as Record<string, string>)).toBe(200)
})

test('connections that are reset in the middle of an upgrade leave the server alive', async () => {
  const { pid, url } = product.server
  const { port } = new URL(url)
  const { token } = await product.token(uniqueName('call'), 'ada', 'participant')
  for (const path of ['/livez', '/nowhere', `/rtc?access_token=${token}`]) {
    for (let count = 0; count < 50; count++) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      )
      await new Promise((resolve) => setImmediate(resolve))
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
  }
  expect((await fetch(`${url}/livez`)).status).toBe(200)
  expect(product.server.pid).toBe(pid)
})

test('a token in a websocket’s address is in no log line', async () => {
  const { token, url } = await product.token(uniqueName('call'), 'ada', 'participant')
  const socket = new WebSocket(`${url}/rtc?access_token=${token}&auto_subscribe=1&protocol=15`)
  await new Promise((resolve, reject) => {
    socket.onmessage = resolve
    socket.onerror = reject
  })
  socket.close()
  expect(product.server.output()).not.toContain(token.split('.')[1])
})

test('who guesses tokens is told to wait, and a good one still connects', async () => {
  const statuses = []
  for (let count = 0; count < 7; count++) statuses.push((await validate('?access_token=a.b.c')).status)
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401])
  expect(statuses.at(-1)).toBe(429)
  await using caller = await joinCall(await product.token(uniqueName('call'), 'ada', 'participant'))
  expect(caller.identity).toBe('ada')
  expect(
    (await captureConnectError({ url: product.server.url.replace('http', 'ws'), token: 'a.b.c' })).message,
  ).toContain('429')
})
