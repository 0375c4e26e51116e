import { eventually, joinCall } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { isCut, publishTo, streamsOf, untilPublishing } from './ingress.ts'
import { clientWithToken, problemOf, uniqueName, useServer } from './product.ts'
import { publishByWhip } from './whip-publisher.ts'

const product = useServer({
  LOG_LEVEL: 'debug',
  CORS_ORIGINS: 'https://app.example',
  INGRESS_MAX_PER_ROOM: '2',
  RATE_LIMIT_AUTH_FAILURES: '20',
})

/** An endpoint that is published to, and somebody who watches. */
async function stage() {
  const room = uniqueName('stage')
  const endpoint = await product.client.ingress.create(room, {
    type: 'whip',
    participantName: 'Stage camera',
  })
  await using opened = new AsyncDisposableStack()
  const viewer = opened.use(await joinCall(await product.token(room, 'viewer', 'viewer')))
  const stream = opened.use(await publishTo(endpoint))
  await untilPublishing(product.client, endpoint)
  const kept = opened.move()
  return { room, endpoint, viewer, stream, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('a stream by WHIP is seen and heard within a second of its connection, as a participant of kind INGRESS', async () => {
  const room = uniqueName('stage')
  const endpoint = await product.client.ingress.create(room, {
    type: 'whip',
    participantName: 'Stage camera',
  })
  expect(endpoint).toMatchObject({
    inputType: 'WHIP_INPUT',
    url: `${product.server.url}/whip`,
    state: { status: 'ENDPOINT_INACTIVE', startedAt: '0' },
  })
  await using viewer = await joinCall(await product.token(room, 'viewer', 'viewer'))
  const identity = endpoint.participantIdentity
  await using stream = await publishByWhip({
    url: `${endpoint.url}/${endpoint.streamKey}`,
    colour: 'blue',
    toneHz: 880,
  })
  await Promise.all([viewer.sees(identity, { colour: 'blue' }), viewer.hears(identity, { toneHz: 880 })])
  expect(performance.now() - stream.connectedAtMs).toBeLessThan(1_000)
  const { participants } = await product.client.participants.list(room)
  expect(participants.find((one) => one.identity === identity)).toMatchObject({
    kind: 'INGRESS',
    name: 'Stage camera',
  })
  const { state } = await untilPublishing(product.client, endpoint)
  expect(state).toMatchObject({
    roomId: expect.stringMatching(/^RM_/),
    video: { mimeType: 'video/VP8' },
    audio: { mimeType: 'audio/opus' },
  })
  expect(await stream.end()).toBe(200)
  await eventually(async () => expect(await streamsOf(product.client, room)).toEqual(['started', 'ended']))
  const [after] = (await product.client.ingress.list(room)).ingress
  expect(after).toMatchObject({ ...endpoint, state: { status: 'ENDPOINT_INACTIVE' } })
  expect(Number(after?.state.endedAt)).toBeGreaterThan(Number(state.startedAt))
})

test('deleting an endpoint cuts its stream within a second, and its key and its address are of no use any more', async () => {
  await using on = await stage()
  const { room, endpoint } = on
  await product.client.ingress.delete(room, endpoint.ingressId)
  expect(await streamsOf(product.client, room)).toEqual(['started', 'deleted'])
  await isCut(on.viewer, endpoint.participantIdentity)
  await expect(publishTo(endpoint)).rejects.toThrow('401')
  expect(await on.stream.end()).toBe(404)
  expect((await product.client.ingress.list(room)).ingress).toEqual([])
  expect(await problemOf(product.client.ingress.delete(room, endpoint.ingressId))).toMatchObject({
    status: 404,
  })
})

test('a kick cuts a stream within a second, and a ban keeps it out', async () => {
  await using on = await stage()
  const { room, endpoint } = on
  const identity = endpoint.participantIdentity
  await product.client.participants.remove(room, identity, { banSeconds: 60 })
  expect(await streamsOf(product.client, room)).toEqual(['started', 'kicked'])
  await isCut(on.viewer, identity)
  await expect(publishTo(endpoint)).rejects.toThrow('403')
  const restart = await fetch(on.stream.resource, {
    method: 'PATCH',
    headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' },
    body: on.stream.fragment,
  })
  expect(restart.status).toBe(403)
})

test('a kick alone voids the address of the stream, and the key is good for another one', async () => {
  await using on = await stage()
  await product.client.participants.remove(on.room, on.endpoint.participantIdentity)
  expect(await on.stream.end()).toBe(403)
  await using again = await publishTo(on.endpoint)
  await untilPublishing(product.client, on.endpoint)
  expect(await again.end()).toBe(200)
})

test('closing the room cuts its stream within a second, and the endpoint stays', async () => {
  await using on = await stage()
  const { room, endpoint } = on
  await product.client.rooms.delete(room)
  expect(await streamsOf(product.client, room)).toEqual(['started', 'room-closed'])
  await eventually(() => on.viewer.disconnected, { timeoutMs: 1_000, message: 'the viewer being out too' })
  await using _again = await publishTo(endpoint)
  await untilPublishing(product.client, endpoint)
})

test('a second stream takes the place of the first, whose late goodbye does it no harm', async () => {
  await using on = await stage()
  await using _second = await publishTo(on.endpoint)
  const told = async () => (await streamsOf(product.client, on.room)).toSorted()
  await eventually(async () => expect(await told()).toEqual(['replaced', 'started', 'started']))
  expect(await on.stream.end()).toBe(200)
  await using after = await joinCall(await product.token(on.room, 'after', 'viewer'))
  await after.sees(on.endpoint.participantIdentity, { colour: 'red' })
  await untilPublishing(product.client, on.endpoint)
  expect(await told()).toEqual(['replaced', 'started', 'started'])
})

test('a stream that falls silent without a goodbye has left within 20 s', { timeout: 40_000 }, async () => {
  await using on = await stage()
  await on.stream.vanish()
  await eventually(
    async () => expect(await streamsOf(product.client, on.room)).toEqual(['started', 'lost']),
    { timeoutMs: 20_000 },
  )
})

test('candidates are added by PATCH to the ICE session of the entity tag, and `*` begins another one', async () => {
  await using on = await stage()
  const patch = (headers: Record<string, string>) =>
    fetch(on.stream.resource, {
      method: 'PATCH',
      headers: { 'content-type': 'application/trickle-ice-sdpfrag', ...headers },
      body: on.stream.fragment,
    })
  expect(on.stream.etag).toMatch(/^".+"$/)
  expect((await patch({ 'if-match': on.stream.etag })).status).toBe(204)
  expect((await patch({ 'if-match': '"another"' })).status).toBe(412)
  expect((await patch({})).status).toBe(428)
  const restarted = await patch({ 'if-match': '*' })
  expect([restarted.status, restarted.headers.get('content-type')]).toEqual([
    200,
    'application/trickle-ice-sdpfrag',
  ])
  expect(await restarted.text()).toContain('a=ice-ufrag:')
})

test('an endpoint belongs to its room, and only the API key reaches it', async () => {
  const [room, other] = [uniqueName('own'), uniqueName('other')]
  const { ingress } = product.client
  const { ingressId } = await ingress.create(room, { type: 'whip' })
  expect(await problemOf(ingress.delete(other, ingressId))).toMatchObject({ status: 404, slug: 'not-found' })
  expect((await ingress.list(other)).ingress).toEqual([])
  const { token } = await product.token(room, 'ada', 'host')
  const host = clientWithToken(product.server, token)
  for (const attempt of [
    () => host.ingress.list(room),
    () => host.ingress.create(room),
    () => host.ingress.delete(room, ingressId),
  ])
    expect(await problemOf(attempt())).toMatchObject({ status: 401 })
  expect((await ingress.list(room)).ingress).toHaveLength(1)
})

test('a room has so many endpoints, each with an identity of its own, and no more', async () => {
  const { ingress } = product.client
  const room = uniqueName('full')
  await ingress.create(room, { type: 'whip', participantIdentity: 'camera' })
  const taken = ingress.create(room, { type: 'whip', participantIdentity: 'camera' })
  expect(await problemOf(taken)).toMatchObject({
    status: 409,
    detail: expect.stringContaining('participantIdentity'),
  })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => ingress.create(room, { type: 'whip' })),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await problemOf(ingress.create(room, { type: 'whip' }))).toMatchObject({
    status: 409,
    detail: expect.stringContaining('INGRESS_MAX_PER_ROOM'),
  })
})

test('RTMP, which is the default, is refused where no server takes it', async () => {
  const room = uniqueName('rtmp')
  expect(await problemOf(product.client.ingress.create(room))).toMatchObject({
    status: 503,
    slug: 'ingress-unavailable',
  })
})

test('pages of any origin may publish, and what is no offer is a problem', async () => {
  const { url, streamKey } = await product.client.ingress.create(uniqueName('page'), { type: 'whip' })
  const preflight = await fetch(`${url}/${streamKey}`, {
    method: 'OPTIONS',
    headers: { origin: 'https://page.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  const post = async (body: string, type = 'application/sdp', key = streamKey) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${key}`, origin: 'https://page.example' },
      body,
    })
    const { type: slug } = (await answer.json()) as { type: string }
    return [answer.status, slug.split('/').at(-1), answer.headers.get('access-control-allow-origin')]
  }
  expect(await post('no offer')).toEqual([400, 'bad-request', '*'])
  expect(await post('')).toEqual([400, 'bad-request', '*'])
  expect(await post('{}', 'application/json')).toEqual([415, 'unsupported-media-type', '*'])
  expect(await post('v'.repeat(257 * 1024))).toEqual([413, 'payload-too-large', '*'])
  expect(await post('v=0', 'application/sdp', 'wrong')).toEqual([401, 'unauthorized', '*'])
})

test('stream keys and addresses of streams are in no line of the log and in no event', async () => {
  await using on = await stage()
  const { endpoint, stream } = on
  await fetch(`${endpoint.url}/${endpoint.streamKey}/x`, { method: 'POST' })
  await fetch(`${endpoint.url}/${endpoint.streamKey}`, { method: 'PUT' })
  await product.client.ingress.delete(on.room, endpoint.ingressId)
  const { events } = await product.client.events.list({ roomId: on.room })
  expect(product.server.output()).toContain('/whip')
  for (const text of [product.server.output(), JSON.stringify(events)])
    for (const secret of [endpoint.streamKey, stream.resource.split('/').at(-1) ?? ''])
      expect(text).not.toContain(secret)
})

test('refused keys have a budget, and a right key is not locked out by them', async () => {
  const { url, streamKey } = await product.client.ingress.create(uniqueName('budget'), { type: 'whip' })
  const statuses = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, index) => (await fetch(`${url}/wrong-${index}`, { method: 'POST' })).status,
    ),
  )
  expect(statuses).toContain(401)
  expect(statuses).toContain(429)
  expect((await fetch(`${url}/${streamKey}`, { method: 'POST' })).status).toBe(415)
})
