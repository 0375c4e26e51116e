import { randomUUID } from 'node:crypto'
import { type Caller, eventually, joinCall } from '@rtcstack/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRoomTap } from './tap.ts'
import { type LiveKit, startLiveKit } from './testing/livekit.ts'
import { quietLog as log } from './testing/quiet-log.ts'
import { createWitness } from './testing/witness.ts'

let livekit: LiveKit
beforeEach(async () => {
  livekit = await startLiveKit()
}, 30_000)
afterEach(() => livekit[Symbol.asyncDispose]())

const joins = async (room: string): Promise<Caller> =>
  joinCall({
    url: livekit.url,
    token: await livekit.token('ada', room),
    publish: { audio: 440, video: 'red' },
  })

async function taps(room: string, token: string | (() => Promise<string>)) {
  const witness = createWitness()
  const tap = openRoomTap({ url: livekit.url, token, listener: witness.listener, log })
  const hears = (timeoutMs = 10_000) => {
    const before = witness.totals.packets
    return eventually(() => witness.totals.packets > before + 50, { timeoutMs, message: `media in ${room}` })
  }
  const connections = () => witness.told.filter((one) => one === 'connected').length
  return { witness, hears, connections, [Symbol.asyncDispose]: tap.close }
}

test('when LiveKit is killed and comes back, the tap is in the room again, and so is what callers send', async () => {
  const room = randomUUID()
  await using _ada = await joins(room)
  await using tapped = await taps(room, await livekit.recorderToken(room))
  await tapped.hears()
  await livekit.kill()
  await eventually(() => tapped.witness.told.includes('disconnected'))
  await livekit.restart()
  await eventually(() => tapped.connections() === 2, { timeoutMs: 20_000 })
  await tapped.hears(30_000)
  expect(tapped.witness.faults).toEqual([])
}, 90_000)

test('a room that nobody comes back to is left after half a minute', async () => {
  const room = randomUUID()
  const ada = await joins(room)
  await using tapped = await taps(room, await livekit.recorderToken(room))
  await tapped.hears()
  await livekit.kill()
  await ada.leave()
  await livekit.restart()
  await eventually(() => tapped.connections() === 2, { timeoutMs: 20_000 })
  expect(tapped.witness.participants.size).toBe(0)
  await eventually(() => tapped.witness.told.includes('ended room-closed'), { timeoutMs: 35_000 })
  expect(tapped.witness.faults).toEqual([])
}, 90_000)

test('a token is asked for at each connection, and without one the tap ends', async () => {
  const room = randomUUID()
  await using _ada = await joins(room)
  const token = await livekit.recorderToken(room)
  let asked = 0
  await using tapped = await taps(room, async () => {
    asked++
    if (asked > 1) throw new Error('the recording is over')
    return token
  })
  await tapped.hears()
  await livekit.kill()
  await eventually(() => tapped.witness.told.includes('ended failed'))
  expect(asked).toBe(2)
}, 60_000)
