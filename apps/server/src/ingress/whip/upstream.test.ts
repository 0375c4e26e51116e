import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWhipUpstream } from './upstream.ts'

let answered = { status: 201, headers: {} as Record<string, string>, body: '' }
const asked: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[] = []
const livekit = createServer(({ method, url, headers }, response) => {
  asked.push({ method, url, headers })
  response.writeHead(answered.status, answered.headers).end(answered.body)
})
const address = () => `ws://127.0.0.1:${(livekit.address() as AddressInfo).port}`

beforeAll(async () => {
  livekit.listen(0, '127.0.0.1')
  await once(livekit, 'listening')
})
afterAll(() => livekit.close())

test('LiveKit is asked with the token, and what it tells is given on', async () => {
  answered = {
    status: 201,
    headers: { location: '/whip/v1/PA_1', etag: 'ice', link: '<stun:stun.example.com>; rel="ice-server"' },
    body: 'answer',
  }
  const ask = createWhipUpstream(address())
  expect(await ask({ method: 'POST', token: 't', contentType: 'application/sdp', body: 'offer' })).toEqual({
    status: 201,
    body: 'answer',
    location: '/whip/v1/PA_1',
    iceSession: 'ice',
    links: '<stun:stun.example.com>; rel="ice-server"',
  })
  expect(asked.at(-1)).toMatchObject({
    method: 'POST',
    url: '/whip/v1',
    headers: { authorization: 'Bearer t', 'content-type': 'application/sdp' },
  })
})

test.each([
  ['POST', 400, 'bad-request'],
  ['POST', 401, 'media-server-refused'],
  ['POST', 503, 'media-server-unavailable'],
  ['PATCH', 404, 'not-found'],
  ['PATCH', 500, 'precondition-failed'],
  ['DELETE', 404, 'not-found'],
  ['DELETE', 500, 'media-server-unavailable'],
] as const)(
  'a %s that LiveKit answers with %i is refused as %s, and says nothing of LiveKit’s',
  async (method, status, slug) => {
    answered = { status, headers: {}, body: 'secret of LiveKit' }
    const asking = createWhipUpstream(address())({ method, participantSid: 'PA_1', token: 't' })
    await expect(asking).rejects.toMatchObject({
      slug,
      message: expect.not.stringContaining('secret'),
    })
  },
)

test('a LiveKit that is away is told as that', async () => {
  const asking = createWhipUpstream('http://127.0.0.1:1')({
    method: 'DELETE',
    participantSid: 'PA_1',
    token: 't',
  })
  await expect(asking).rejects.toMatchObject({ slug: 'media-server-unavailable' })
})
