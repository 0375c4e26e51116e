import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { ProblemError } from '../http/problem.ts'
import { createLiveKit } from './client.ts'

/** What a question to a LiveKit that answers so ends with. */
async function slugWhen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const livekit = createLiveKit({ url, apiKey: 'k', apiSecret: 's' })
    return await livekit.deleteRoom('r').then(
      () => 'done',
      (error: ProblemError) => error.slug,
    )
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const twirp = (status: number, code: string) =>
  slugWhen((_, response) => {
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ code, msg: 'secret inner words' }))
  })

test.each([
  [404, 'not_found', 'not-found'],
  [400, 'invalid_argument', 'bad-request'],
  [412, 'failed_precondition', 'conflict'],
  [409, 'already_exists', 'conflict'],
  [401, 'unauthenticated', 'media-server-refused'],
  [403, 'permission_denied', 'media-server-refused'],
  [500, 'internal', 'media-server-unavailable'],
  [503, 'unavailable', 'media-server-unavailable'],
])('LiveKit’s %i %s is our %s', async (status, code, slug) => expect(await twirp(status, code)).toBe(slug))

test.each([
  ['a page in place of protojson', 200, '<html>'],
  ['an answer without a body', 200, ''],
  ['a page as an error', 502, '<html>'],
])('%s is LiveKit being away', async (_, status, body) => {
  expect(await slugWhen((_request, response) => void response.writeHead(status).end(body))).toBe(
    'media-server-unavailable',
  )
})

test('a LiveKit that never answers is away within the deadline', async () => {
  const startedAt = performance.now()
  expect(await slugWhen(() => undefined)).toBe('media-server-unavailable')
  expect(performance.now() - startedAt).toBeLessThan(6000)
})
