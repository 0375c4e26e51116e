import { eventually, joinCall } from '@rtcstack/testkit'
import { AccessToken } from 'livekit-server-sdk'
import { expect, test } from 'vitest'
import { liveKitOf } from './managed-livekit.ts'
import { problemOf, uniqueName, untilActive, useServer } from './product.ts'

const product = useServer()

test('a room is created, found, listed and deleted', async () => {
  const name = uniqueName('room')
  const { rooms } = product.client
  const room = await rooms.create({ name, maxParticipants: 7, emptyTimeout: 60, metadata: 'm' })
  expect(room).toMatchObject({
    name,
    maxParticipants: 7,
    emptyTimeout: 60,
    metadata: 'm',
    numParticipants: 0,
  })
  expect(room.sid).toMatch(/^RM_/)
  expect(room.creationTimeMs).toMatch(/^\d{13}$/)
  expect(await rooms.get(name)).toEqual(room)
  expect((await rooms.list()).rooms).toContainEqual(room)
  await rooms.delete(name)
  expect(await problemOf(rooms.get(name))).toMatchObject({
    status: 404,
    slug: 'not-found',
    detail: 'Room not found',
  })
  expect(await problemOf(rooms.delete(name))).toMatchObject({ status: 404 })
})

test('a room that is there is answered as it is, and its options stay', async () => {
  const name = uniqueName('room')
  const { rooms } = product.client
  const first = await rooms.create({ name, maxParticipants: 7 })
  expect(await rooms.create({ name, maxParticipants: 9, metadata: 'other' })).toEqual(first)
})

test('a hundred parallel creates of a room have one effect', async () => {
  const name = uniqueName('room')
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => product.client.rooms.create({ name, maxParticipants: index })),
  )
  expect(new Set(answers.map((room) => JSON.stringify(room))).size).toBe(1)
})

test.each(['a/b', 'ünï cödé 😀', '100%', 'a?b#c', '%2F', ' '])('a room may be called %j', async (suffix) => {
  const name = `${uniqueName('room')}${suffix}`
  await product.client.rooms.create({ name, emptyTimeout: 5 })
  expect((await product.client.rooms.get(name)).name).toBe(name)
  expect(await product.client.participants.list(name)).toEqual({ participants: [], nextCursor: null })
  await product.client.rooms.delete(name)
})

test.each(['', '.', '..', 'a\u0000b', 'a\nb', 'x'.repeat(257)])(
  'a room may not be called %j',
  async (name) => {
    expect(await problemOf(product.client.rooms.create({ name }))).toMatchObject({ status: 400 })
  },
)

test('names of 256 characters of four bytes each work from the token to the call', async () => {
  const long = '😀'.repeat(256)
  const { rooms, tokens, participants } = product.client
  const { token, url } = await tokens.create({
    roomId: long,
    userId: long,
    name: long,
    role: 'host',
    metadata: { text: 'x'.repeat(65_000) },
  })
  await using _ada = await joinCall({ token, url })
  const list = await eventually(async () => {
    const { participants: found } = await participants.list(long)
    return found.length === 1 && found
  })
  expect(list[0]).toMatchObject({ identity: long, name: long })
  await rooms.delete(long)
})

test('pages of a list put together are the list', async () => {
  const names = Array.from({ length: 5 }, () => uniqueName('page'))
  for (const name of names) await product.client.rooms.create({ name })
  const seen: string[] = []
  for await (const room of product.client.rooms.all({ limit: 2 })) seen.push(room.name)
  expect(seen).toEqual([...seen].sort())
  expect(seen).toEqual(expect.arrayContaining(names))
})

test('closing a room ends the call for everyone in it', async () => {
  const name = uniqueName('room')
  await using ada = await joinCall(await product.token(name, 'ada', 'host'))
  await untilActive(product.client, name, 'ada')
  await product.client.rooms.delete(name)
  expect(await ada.disconnected).toBe('ROOM_DELETED')
})

test('helpers of ours are in no list and no count', async () => {
  const name = uniqueName('room')
  const { url, apiKey, apiSecret } = await liveKitOf(product.server.dataDirectory)
  const token = new AccessToken(apiKey, apiSecret, { identity: 'captions' })
  token.kind = 'agent'
  token.addGrant({ room: name, roomJoin: true, hidden: true, canSubscribe: true, canPublish: false })
  await using _ada = await joinCall(await product.token(name, 'ada', 'host'))
  await using _helper = await joinCall({ url: url.replace('http', 'ws'), token: await token.toJwt() })
  await eventually(async () => (await product.client.rooms.get(name)).numParticipants === 1)
  const { participants } = await product.client.participants.list(name)
  expect(participants.map((one) => one.identity)).toEqual(['ada'])
  expect(await problemOf(product.client.participants.remove(name, 'captions'))).toMatchObject({ status: 404 })
})
