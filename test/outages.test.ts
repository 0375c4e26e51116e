import { setTimeout as pause } from 'node:timers/promises'
import type { LedgerEvent } from '@rtcstack/sdk'
import { type Caller, eventually } from '@rtcstack/testkit'
import { describe, expect, test } from 'vitest'
import { lineOf } from './deliveries.ts'
import { truthOf } from './livekit-truth.ts'
import { type OutageStack, startOutageStack } from './outage-stack.ts'

/** LiveKit gives up repeating a webhook after 15 s, and what waits in its queue after 30 s. */
const outageMs = 60_000
/** From the end of an outage until the ledger is as LiveKit is. */
const repairMs = 15_000

const untilPassed = (startedAt: number, ms: number) => pause(startedAt + ms - performance.now())
const sidsOf = (callers: Caller[]) => callers.map(({ sid }) => sid)

/** Ada, Bob and Eve in one room and Max in another, as the ledger knows too. */
async function begin({ join, agree }: OutageStack) {
  const ada = await join('stays', 'ada', { audio: 440 })
  const bob = await join('stays', 'bob')
  const eve = await join('stays', 'eve')
  const max = await join('ends', 'max')
  await agree(repairMs)
  return { ada, bob, eve, max }
}

/** What an outage must not hide: leaves, a return under the same identity, a track, and a room's end and new beginning. */
async function goOn(
  { join, rooms }: OutageStack,
  { bob, eve }: { bob: Caller; eve: Caller },
): Promise<Caller[]> {
  await bob.leave()
  const bobAgain = await join('stays', 'bob')
  await rooms.deleteRoom('ends')
  const dan = await join('stays', 'dan', { audio: 1000 })
  const maxAgain = await join('ends', 'max')
  await eve.leave()
  return [bobAgain, dan, maxAgain]
}

const linesOfGoingOn = [
  'participant_left bob',
  'participant_joined bob',
  'participant_left max',
  'room_closed',
  'participant_joined dan',
  'track_published dan',
  'room_created',
  'participant_joined max',
  'participant_left eve',
]

/** Ends the call, and proves that the ledger has these stays and no others, and which lines were found by comparing. */
async function end(stack: OutageStack, stays: string[], found: string[]): Promise<void> {
  const { rooms, events, agree } = stack
  for (const { name } of await rooms.listRooms()) await rooms.deleteRoom(name)
  await agree(repairMs)
  expect(await truthOf(rooms)).toEqual([])
  const all = await events()
  const toldOf = (type: LedgerEvent['type']) =>
    all.filter((event) => event.type === type).map(({ id }) => id.split(':')[1])
  expect(toldOf('participant_joined').toSorted()).toEqual(stays.toSorted())
  expect(toldOf('participant_left').toSorted()).toEqual(stays.toSorted())
  expect(toldOf('room_closed').toSorted()).toEqual(toldOf('room_created').toSorted())
  const synthetic = all.filter(({ data }) => 'synthetic' in data)
  expect(synthetic.map(lineOf).toSorted()).toEqual(found.toSorted())
}

describe.concurrent('a call goes on', { timeout: 120_000 }, () => {
  test('while webhooks are refused and then swallowed for 60 s: the ledger follows LiveKit, and is right after', async () => {
    await using stack = await startOutageStack()
    const { webhooks, join, agree } = stack
    const before = await begin(stack)
    const startedAt = performance.now()
    await webhooks.set('refuse')
    const during = await goOn(stack, before)
    await agree(repairMs)
    await untilPassed(startedAt, outageMs / 2)
    await webhooks.set('blackhole')
    const zoe = await join('stays', 'zoe')
    await agree(repairMs)
    await untilPassed(startedAt, outageMs)
    expect(webhooks.swallowedBytes).toBeGreaterThan(0)
    await webhooks.set('pass')
    await agree(repairMs)
    const stays = sidsOf([...Object.values(before), ...during, zoe])
    await end(stack, stays, [...linesOfGoingOn, 'participant_joined zoe'])
  })

  test('while the API is killed for 60 s: the ledger is as LiveKit within 15 s of its return', async () => {
    await using stack = await startOutageStack()
    const { server, agree } = stack
    const before = await begin(stack)
    const startedAt = performance.now()
    await server.kill()
    const during = await goOn(stack, before)
    await untilPassed(startedAt, outageMs)
    await server.restart()
    await agree(repairMs)
    await end(stack, sidsOf([...Object.values(before), ...during]), linesOfGoingOn)
  })

  test('over a crash of LiveKit: what it forgot has ended, once, and who comes back has joined anew', async () => {
    await using stack = await startOutageStack()
    const { livekit, rooms, agree } = stack
    const { ada, bob, eve, max } = await begin(stack)
    const stays = sidsOf([ada, bob, eve, max])
    await livekit.kill()
    await bob.leave()
    await livekit.restart()
    await eventually(async () => (await truthOf(rooms)).flatMap((room) => room.participants).length === 3, {
      timeoutMs: 30_000,
      message: 'the return of three callers',
    })
    await agree(repairMs)
    stays.push(...sidsInTruth(await truthOf(rooms)))
    expect(new Set(stays).size).toBe(7)
    await end(stack, stays, [
      ...[ada, bob, eve, max].map(({ identity }) => `participant_left ${identity}`),
      'room_closed',
      'room_closed',
    ])
  })
})

const sidsInTruth = (rooms: Awaited<ReturnType<typeof truthOf>>) =>
  rooms.flatMap((room) => room.participants.map(({ participant }) => participant.split(' ')[1] ?? ''))
