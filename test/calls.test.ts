import { joinCall, readTokenClaims } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { uniqueName, useServer } from './product.ts'

const product = useServer()

test('two callers of two roles see and hear each other through the url of their tokens', async () => {
  const room = uniqueName('call')
  await using ada = await joinCall({
    ...(await product.token(room, 'ada', 'host')),
    publish: { video: 'red', audio: 440 },
  })
  await using bob = await joinCall({
    ...(await product.token(room, 'bob', 'participant')),
    publish: { video: 'blue', audio: 1000 },
  })
  await Promise.all([
    ada.sees('bob', { colour: 'blue' }),
    ada.hears('bob', { toneHz: 1000 }),
    bob.sees('ada', { colour: 'red' }),
    bob.hears('ada', { toneHz: 440 }),
  ])
})

test('the url of a token is this server', async () => {
  const { url } = await product.token(uniqueName('call'), 'ada', 'host')
  expect(url).toBe(product.server.url.replace('http', 'ws'))
})

test('a viewer receives, and LiveKit refuses what it publishes', async () => {
  const room = uniqueName('call')
  await using _ada = await joinCall({
    ...(await product.token(room, 'ada', 'host')),
    publish: { audio: 440 },
  })
  const viewer = await product.token(room, 'eve', 'viewer')
  await using eve = await joinCall(viewer)
  await eve.hears('ada', { toneHz: 440 })
  await expect(
    joinCall({ ...(await product.token(room, 'mal', 'viewer')), publish: { audio: 1000 } }),
  ).rejects.toThrow()
  const { participants } = await product.client.participants.list(room)
  expect(participants.flatMap((one) => one.tracks.map(() => one.identity))).toEqual(['ada'])
})

const all = { roomJoin: true, canSubscribe: true, canUpdateOwnMetadata: false }

test.each([
  ['host', { ...all, canPublish: true, canPublishData: true, roomAdmin: true }],
  ['moderator', { ...all, canPublish: true, canPublishData: true, roomAdmin: false }],
  ['participant', { ...all, canPublish: true, canPublishData: true, roomAdmin: false }],
  ['viewer', { ...all, canPublish: false, canPublishData: false, roomAdmin: false }],
] as const)('the token of a %s holds the grants of the table and nothing else', async (role, grants) => {
  const { token, expiresAt } = await product.client.tokens.create({
    roomId: 'r',
    userId: 'u',
    name: 'N',
    role,
    metadata: { seat: 4 },
    ttl: 120,
  })
  const claims = readTokenClaims(token)
  expect(claims.video).toEqual({ ...grants, room: 'r' })
  expect(claims).toMatchObject({
    sub: 'u',
    name: 'N',
    metadata: '{"seat":4}',
    attributes: { 'rtcstack.role': role },
  })
  expect(new Date(expiresAt).getTime()).toBe((claims.exp ?? 0) * 1000)
  expect((claims.exp ?? 0) - (claims.nbf ?? 0)).toBe(120)
})
