import type { LedgerEvent } from '@rtcstack/sdk'
import { eventually, joinCall, startReceiver } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { lineOf, verified } from './deliveries.ts'
import { problemOf, uniqueName, untilActive, useServer } from './product.ts'

const product = useServer()
const eventsOf = async (roomId: string) => (await product.client.events.list({ roomId, limit: 100 })).events

/** A room that three callers join, of whom Ada publishes, Bob leaves and Eve is kicked before the room is closed. */
async function liveACall(room: string): Promise<void> {
  const { client } = product
  const has = (line: string) =>
    eventually(async () => (await eventsOf(room)).some((event) => lineOf(event) === line), { message: line })
  await client.rooms.create({ name: room, metadata: 'about the call' })
  await using _ada = await joinCall({
    ...(await product.token(room, 'ada', 'host')),
    publish: { audio: 440 },
  })
  await has('track_published ada')
  const bob = await joinCall(await product.token(room, 'bob', 'participant'))
  await has('participant_joined bob')
  await using eve = await joinCall(await product.token(room, 'eve', 'viewer'))
  await has('participant_joined eve')
  await bob.leave()
  await has('participant_left bob')
  await client.participants.remove(room, 'eve')
  await eve.disconnected
  await client.rooms.delete(room)
}

const expected = [
  'room_created',
  'participant_joined ada',
  'track_published ada',
  'participant_joined bob',
  'participant_joined eve',
  'participant_left bob',
  'participant_left eve',
  'participant_left ada',
  'room_closed',
]

test('a call is told to an endpoint in its events, each once and in order, with good signatures', async () => {
  const room = uniqueName('call')
  await using receiver = await startReceiver()
  const webhook = await product.client.webhooks.create({ url: receiver.url })
  await liveACall(room)
  const inRoom = () =>
    receiver.received.map((one) => verified(one, webhook.secret)).filter(({ roomId }) => roomId === room)
  await eventually(() => inRoom().length >= expected.length)
  const told = inRoom().toSorted((a, b) => a.sequence - b.sequence)
  expect(told.map(lineOf)).toEqual(expected)
  expect(told.map(({ sequence }) => sequence)).toEqual(expected.map((_, index) => index + 1))
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(
    receiver.received.length,
  )
  await product.client.webhooks.delete(webhook.id)
  // LiveKit's own account of the kick and of the end has come by now too, and adds nothing.
  expect((await eventsOf(room)).map(lineOf)).toEqual(expected)
  expect((await eventsOf(room)).some(({ data }) => 'synthetic' in data)).toBe(false)
})

test('each event says what it is about, as the API would show it', async () => {
  const room = uniqueName('data')
  await liveACall(room)
  const events = await eventsOf(room)
  const of = <T extends LedgerEvent['type']>(type: T) =>
    events.find((event): event is Extract<LedgerEvent, { type: T }> => event.type === type)
  const joined = of('participant_joined')
  const published = of('track_published')
  expect(joined).toMatchObject({
    id: `participant_joined:${joined?.data.participant.sid}`,
    event: 'participant_joined',
    roomId: room,
    data: {
      room: { name: room, metadata: 'about the call', turnPassword: '' },
      participant: { identity: 'ada', name: 'Name of ada', attributes: { 'rtcstack.role': 'host' } },
    },
  })
  expect(published?.data.track).toMatchObject({ type: 'AUDIO', source: 'MICROPHONE' })
  expect(published?.data.participant.name).toBe('Name of ada')
  const left = of('participant_left')
  expect(left?.data.participant).toMatchObject({ identity: 'bob', state: 'DISCONNECTED' })
  expect(left?.data.durationSeconds).toBeGreaterThanOrEqual(0)
  const kicked = events.find((event) => lineOf(event) === 'participant_left eve')
  expect(kicked?.data).toMatchObject({ participant: { disconnectReason: 'PARTICIPANT_REMOVED' } })
})

test('what the API does is in the ledger before it answers', async () => {
  const room = uniqueName('acts')
  const { client } = product
  await client.rooms.create({ name: room })
  expect((await eventsOf(room)).map(lineOf)).toEqual(['room_created'])
  await using _ada = await joinCall(await product.token(room, 'ada', 'host'))
  await untilActive(client, room, 'ada')
  await client.participants.remove(room, 'ada')
  expect((await eventsOf(room)).map(lineOf).at(-1)).toBe('participant_left ada')
  await client.rooms.delete(room)
  expect((await eventsOf(room)).map(lineOf)).toEqual([
    'room_created',
    'participant_joined ada',
    'participant_left ada',
    'room_closed',
  ])
})

test('a session tells of a room that LiveKit has forgotten: who was there, and for how long', async () => {
  const room = uniqueName('session')
  await liveACall(room)
  const { sessions } = await product.client.sessions.list({ roomId: room })
  expect(sessions).toHaveLength(1)
  expect(sessions[0]).toMatchObject({
    roomId: room,
    status: 'ended',
    counts: { participants: 3, joins: 3, present: 0, peak: 3, tracks: 1 },
  })
  const session = await product.client.sessions.get(sessions[0]?.id ?? '')
  expect(session.participants.map(({ identity, role }) => [identity, role])).toEqual([
    ['ada', 'host'],
    ['bob', 'participant'],
    ['eve', 'viewer'],
  ])
  for (const { joinedAt, leftAt } of session.participants)
    expect(Date.parse(leftAt ?? '')).toBeGreaterThanOrEqual(Date.parse(joinedAt))
  expect(await problemOf(product.client.sessions.get('RM_unknown'))).toMatchObject({ status: 404 })
})

test('a name that is used again is another session', async () => {
  const room = uniqueName('again')
  for (const _ of [1, 2]) {
    await product.client.rooms.create({ name: room })
    await product.client.rooms.delete(room)
  }
  const ended = await product.client.sessions.list({ roomId: room, status: 'ended' })
  expect(ended.sessions).toHaveLength(2)
  expect((await eventsOf(room)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
  const pages = []
  for await (const session of product.client.sessions.all({ roomId: room, limit: 1 })) pages.push(session.id)
  expect(pages).toEqual(ended.sessions.map(({ id }) => id))
})

test('the ledger is read in pages, by room and by type', async () => {
  const room = uniqueName('pages')
  await liveACall(room)
  const all = []
  for await (const event of product.client.events.all({ roomId: room, limit: 2 })) all.push(lineOf(event))
  expect(all).toEqual(expected)
  const types = ['participant_left', 'room_closed'] as const
  const some = await product.client.events.list({ roomId: room, types: types.join(',') })
  expect(some.events.map(lineOf)).toEqual(expected.slice(5))
  const later = await product.client.events.list({ roomId: room, after: some.nextAfter })
  expect(later).toEqual({ events: [], nextAfter: some.nextAfter, nextCursor: null })
})

test('a stream tells of events as they happen, and goes on after a cut where it was', async () => {
  const room = uniqueName('stream')
  const seen: string[] = []
  const stop = new AbortController()
  const cursors: string[] = []
  const connected = Promise.withResolvers<void>()
  const reading = (async () => {
    const stream = product.client.events.stream({
      roomId: room,
      signal: stop.signal,
      onConnect: () => connected.resolve(),
    })
    for await (const { event, cursor } of stream) {
      seen.push(lineOf(event))
      cursors.push(cursor)
    }
  })()
  await connected.promise
  await product.client.rooms.create({ name: room })
  await eventually(() => seen.length === 1)
  stop.abort()
  await reading
  await product.client.rooms.delete(room)
  const after = cursors[0] as string
  for await (const { event } of product.client.events.stream({ roomId: room, after })) {
    expect(lineOf(event)).toBe('room_closed')
    break
  }
})
