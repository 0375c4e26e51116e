import { captureConnectError, eventually, joinCall } from '@rtcstack/testkit'
import { AccessToken } from 'livekit-server-sdk'
import { expect, test } from 'vitest'
import { liveKitOf } from './managed-livekit.ts'
import { clientWithToken, problemOf, uniqueName, untilActive, useServer } from './product.ts'

const product = useServer()

/** A room where Bob plays a tone and Ada listens. */
async function callWithTone(room: string) {
  const ada = await joinCall(await product.token(room, 'ada', 'host'))
  const bob = await joinCall({
    ...(await product.token(room, 'bob', 'participant')),
    publish: { audio: 440 },
  })
  await ada.hears('bob', { toneHz: 440 })
  return { ada, bob, trackSid: bob.publishedTrackSid('audio') }
}

test.each(['key', 'host', 'moderator'] as const)(
  'a mute by %s silences the track for the others',
  async (by) => {
    const room = uniqueName('mute')
    const { ada, bob, trackSid } = await callWithTone(room)
    await using _ada = ada
    await using _bob = bob
    const client =
      by === 'key'
        ? product.client
        : clientWithToken(product.server, (await product.token(room, by, by)).token)
    await client.participants.mute(room, 'bob', { trackSid })
    await ada.hearsSilence('bob', { forMs: 700 })
    const { participants } = await product.client.participants.list(room)
    expect(participants.find((one) => one.identity === 'bob')?.tracks[0]?.muted).toBe(true)
  },
)

test.each(['participant', 'viewer'] as const)('a %s may not mute', async (role) => {
  const room = uniqueName('mute')
  const client = clientWithToken(product.server, (await product.token(room, 'eve', role)).token)
  expect(await problemOf(client.participants.mute(room, 'bob', { trackSid: 'TR_x' }))).toMatchObject({
    status: 403,
    slug: 'forbidden',
  })
})

test('a moderator may not kick or end the room, and a host’s token counts in its own room only', async () => {
  const room = uniqueName('roles')
  const moderator = clientWithToken(product.server, (await product.token(room, 'max', 'moderator')).token)
  const strangeHost = clientWithToken(
    product.server,
    (await product.token(uniqueName('other'), 'ada', 'host')).token,
  )
  for (const client of [moderator, strangeHost]) {
    expect(await problemOf(client.participants.remove(room, 'bob'))).toMatchObject({
      status: 403,
      slug: 'forbidden',
    })
    expect(await problemOf(client.rooms.delete(room))).toMatchObject({ status: 403, slug: 'forbidden' })
  }
  expect(await problemOf(strangeHost.participants.mute(room, 'bob', { trackSid: 'TR_x' }))).toMatchObject({
    status: 403,
  })
})

test('unknown tracks, participants and rooms are told within half a second', async () => {
  const room = uniqueName('mute')
  await using bob = await joinCall({
    ...(await product.token(room, 'bob', 'participant')),
    publish: { audio: 440 },
  })
  const startedAt = performance.now()
  const { participants } = product.client
  expect(await problemOf(participants.mute(room, 'bob', { trackSid: 'TR_unknown' }))).toMatchObject({
    status: 404,
  })
  expect(
    await problemOf(participants.mute(room, 'eve', { trackSid: bob.publishedTrackSid('audio') })),
  ).toMatchObject({ status: 404 })
  expect(await problemOf(participants.remove(room, 'eve'))).toMatchObject({ status: 404 })
  expect(await problemOf(participants.remove(uniqueName('none'), 'bob'))).toMatchObject({ status: 404 })
  expect(performance.now() - startedAt).toBeLessThan(4 * 500)
})

test('who was kicked is out, stays out with the old token, and is in again with a new one', async () => {
  const room = uniqueName('kick')
  const old = await product.token(room, 'bob', 'participant')
  await using bob = await joinCall(old)
  const host = clientWithToken(product.server, (await product.token(room, 'ada', 'host')).token)
  await untilActive(product.client, room, 'bob')
  await host.participants.remove(room, 'bob')
  expect(await bob.disconnected).toBe('PARTICIPANT_REMOVED')
  expect((await captureConnectError(old)).message).toContain('403')
  await using again = await joinCall(await product.token(room, 'bob', 'participant'))
  expect(again.identity).toBe('bob')
})

test('the token that LiveKit refreshed before the kick is refused as well', async () => {
  const room = uniqueName('kick')
  const old = await product.token(room, 'bob', 'participant')
  await using bob = await joinCall(old)
  const refreshed = await eventually(() => refreshedToken(room, 'bob', old.token))
  await product.client.participants.remove(room, 'bob')
  await bob.disconnected
  expect((await captureConnectError({ url: old.url, token: refreshed })).message).toContain('403')
})

/** LiveKit's refreshed token, made as its server makes it: the same grants and attributes, a later time. */
async function refreshedToken(room: string, identity: string, old: string): Promise<string> {
  const { apiKey, apiSecret } = await liveKitOf(product.server.dataDirectory)
  const { participants } = await product.client.participants.list(room)
  const participant = participants.find((one) => one.identity === identity)
  if (!participant) throw new Error(`${identity} has not joined`)
  const token = new AccessToken(apiKey, apiSecret, { identity, ttl: 600, attributes: participant.attributes })
  token.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true })
  const text = await token.toJwt()
  expect(text).not.toBe(old)
  return text
}

test('a ban refuses new and refreshed tokens until it ends', async () => {
  const room = uniqueName('ban')
  await using bob = await joinCall(await product.token(room, 'bob', 'participant'))
  await product.client.participants.remove(room, bob.sid, { banSeconds: 2 })
  const request = { roomId: room, userId: 'bob', name: 'Bob', role: 'participant' } as const
  const banned = { status: 403, slug: 'participant-banned' }
  expect(await problemOf(product.client.tokens.create(request))).toMatchObject(banned)
  expect(await problemOf(product.client.tokens.refresh(request))).toMatchObject(banned)
  await product.token(uniqueName('other'), 'bob', 'participant')
  await eventually(() => product.client.tokens.create(request), { timeoutMs: 4000 })
})

test('a ban for ever has no end', async () => {
  const room = uniqueName('ban')
  await using _bob = await joinCall(await product.token(room, 'bob', 'participant'))
  await product.client.participants.remove(room, 'bob', { banSeconds: 'forever' })
  const error = await product.token(room, 'bob', 'participant').catch((reason: unknown) => reason)
  expect(error).toMatchObject({ status: 403, bannedUntil: null })
})

test('who goes round the proxy with a void token is out within a second', async () => {
  const room = uniqueName('kick')
  const old = await product.token(room, 'bob', 'participant')
  await using _ada = await joinCall(await product.token(room, 'ada', 'host'))
  await using bob = await joinCall(old)
  await product.client.participants.remove(room, 'bob')
  await bob.disconnected
  const { url } = await liveKitOf(product.server.dataDirectory)
  await using intruder = await joinCall({ url: url.replace('http', 'ws'), token: old.token })
  const joinedAt = performance.now()
  expect(await intruder.disconnected).toBe('PARTICIPANT_REMOVED')
  expect(performance.now() - joinedAt).toBeLessThan(1000)
})

test('a kicked host’s token moderates no more', async () => {
  const room = uniqueName('kick')
  const { token, url } = await product.token(room, 'ada', 'host')
  await using _ada = await joinCall({ token, url })
  await product.client.participants.remove(room, 'ada')
  const problem = await problemOf(clientWithToken(product.server, token).rooms.delete(room))
  expect(problem).toMatchObject({ status: 403, slug: 'participant-banned' })
})
