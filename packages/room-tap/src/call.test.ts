import { randomUUID } from 'node:crypto'
import { type Caller, type Colour, eventually, joinCall, type ToneHz } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startsKeyFrame } from './stream/key-frame.ts'
import { openRoomTap } from './tap.ts'
import { type LiveKit, startLiveKit } from './testing/livekit.ts'
import { quietLog as log } from './testing/quiet-log.ts'
import { startSignalProxy } from './testing/signal-proxy.ts'
import { publishVideo } from './testing/video.ts'
import { widthOf } from './testing/vp8.ts'
import { createWitness, type Witness } from './testing/witness.ts'

let livekit: LiveKit
beforeAll(async () => {
  livekit = await startLiveKit()
}, 30_000)
afterAll(() => livekit[Symbol.asyncDispose]())

const joins = async (identity: string, room: string, audio: ToneHz, video: Colour) =>
  joinCall({ url: livekit.url, token: await livekit.token(identity, room), publish: { audio, video } })

/** Whether a track's packets have gone on by `more` since this was first asked. */
function goesOn(witness: Witness, identity: string, source: string, more = 20) {
  const before = witness.track(identity, source).packets
  return eventually(() => witness.track(identity, source).packets >= before + more, {
    message: `${source} of ${identity} to go on`,
  })
}

test('every packet of four callers arrives in order while they join, leave, come back, mute and share', async () => {
  const room = randomUUID()
  await using proxy = await startSignalProxy({ targetUrl: livekit.url })
  const widths = new Set<number>()
  const witness = createWitness(({ mimeType }, { payload }) => {
    if (startsKeyFrame(payload, mimeType)) widths.add(widthOf(payload))
  })
  const { told } = witness
  const is = (event: string) => eventually(() => told.includes(event), { message: event })
  const count = (event: string) => told.filter((one) => one === event).length
  const startedAtMs = performance.now()
  const tap = openRoomTap({
    url: proxy.url,
    token: await livekit.recorderToken(room),
    listener: witness.listener,
    log,
  })
  await is('connected')

  const callers: Caller[] = []
  try {
    const [ada, bob, eve, dan] = [
      await joins('ada', room, 440, 'red'),
      await joins('bob', room, 600, 'green'),
      await joins('eve', room, 800, 'blue'),
      await joins('dan', room, 1_000, 'yellow'),
    ]
    callers.push(ada, bob, eve, dan)
    const everybody = ['ada', 'bob', 'eve', 'dan']
    const allGoOn = (who = everybody) =>
      Promise.all(who.flatMap((one) => [goesOn(witness, one, 'microphone'), goesOn(witness, one, 'camera')]))
    await Promise.all(
      everybody.flatMap((one) => [is(`published camera of ${one}`), is(`published microphone of ${one}`)]),
    )
    await allGoOn()

    for (const times of [1, 2]) {
      const screen = await publishVideo(ada.room.localParticipant ?? expect.fail('ada is away'))
      await eventually(() => count('published screen_share of ada') === times)
      await goesOn(witness, 'ada', 'screen_share', 5)
      await screen.stop()
      await eventually(() => count('unpublished screen_share of ada') === times)
    }
    const microphone = { room, identity: 'bob', trackSid: bob.publishedTrackSid('audio') }
    const mute = (muted: boolean) =>
      livekit.rooms.mutePublishedTrack(microphone.room, microphone.identity, microphone.trackSid, muted)
    await mute(true)
    await is('muted microphone of bob')
    const mutedAt = witness.track('bob', 'microphone').packets
    // What was on its way has come: from here on there is nothing.
    await eventually(() => performance.now() - witness.track('bob', 'microphone').lastAtMs > 500)
    const silentAt = witness.track('bob', 'microphone').packets
    // Nor does the second of silence come that LiveKit makes then.
    expect(silentAt - mutedAt).toBeLessThan(25)
    await goesOn(witness, 'ada', 'microphone', 60)
    expect(witness.track('bob', 'microphone').packets).toBe(silentAt)
    await mute(false)
    await is('unmuted microphone of bob')
    await goesOn(witness, 'bob', 'microphone')

    let again = dan
    for (const times of [1, 2]) {
      await again.leave()
      await eventually(() => count('left dan') === times)
      again = await joins('dan', room, 1_000, 'yellow')
      callers.push(again)
      await eventually(() => count('published camera of dan') === times + 1)
      await allGoOn()
    }
    await eve.leave()
    await is('left eve')
    await allGoOn(['ada', 'bob'])
    await eventually(() => performance.now() - startedAtMs > 10_000)
    await allGoOn(['ada', 'bob'])
  } finally {
    await Promise.all(callers.map((caller) => caller.leave()))
  }
  await tap.close()
  expect(witness.faults).toEqual([])
  // Neither do the tiny pictures that it makes when a video ends.
  expect([...widths]).toEqual([320])
  expect(witness.totals).toMatchObject({ lostPackets: 0, gaps: 0 })
  expect(proxy.offers).toBeGreaterThanOrEqual(12)
  expect(told.at(-1)).toBe('ended closed')
  expect(told.filter((one) => one === 'disconnected')).toEqual([])
}, 60_000)
