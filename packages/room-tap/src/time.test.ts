import { randomUUID } from 'node:crypto'
import { eventually, joinCall } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRoomTap } from './tap.ts'
import { type Clapper, publishClapper } from './testing/clapper.ts'
import { type LiveKit, startLiveKit } from './testing/livekit.ts'
import { quietLog as log } from './testing/quiet-log.ts'
import { createWitness } from './testing/witness.ts'

let livekit: LiveKit
beforeAll(async () => {
  livekit = await startLiveKit()
}, 30_000)
afterAll(() => livekit[Symbol.asyncDispose]())

/** Sizes of frames by their times of capture: noise and flashes take many times as much as silence and grey. */
interface Sizes {
  capturedAtMs: number
  bytes: number
}

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** When the first frame that is much larger than usual was captured, about a time. */
function onset(frames: Sizes[], aboutMs: number): number | undefined {
  const usual = median(frames.map(({ bytes }) => bytes))
  const isLarge = (frame: Sizes | undefined) => (frame?.bytes ?? 0) > 4 * usual
  const at = frames.findIndex(
    (frame, index) =>
      Math.abs(frame.capturedAtMs - aboutMs) < 200 && isLarge(frame) && !isLarge(frames[index - 1]),
  )
  return frames[at]?.capturedAtMs
}

test('what is heard and seen at one time has one time, to within 20 ms, and that of this clock', async () => {
  const room = randomUUID()
  const frames: Record<'audio' | 'video', Sizes[]> = { audio: [], video: [] }
  const witness = createWitness(({ kind }, { capturedAtMs, payload }) => {
    const last = frames[kind].at(-1)
    // Packets of one frame have one time.
    if (last?.capturedAtMs === capturedAtMs) last.bytes += payload.length
    else frames[kind].push({ capturedAtMs, bytes: payload.length })
  })
  const tap = openRoomTap({
    url: livekit.url,
    token: await livekit.recorderToken(room),
    listener: witness.listener,
    log,
  })
  const ada = await joinCall({ url: livekit.url, token: await livekit.token('ada', room) })
  const clapper: Clapper = await publishClapper(ada.room.localParticipant ?? expect.fail('ada is away'))
  const enough = 18
  await eventually(() => clapper.claps.length > enough, { timeoutMs: 40_000 })
  await clapper.stop()
  await ada.leave()
  await tap.close()

  // Before the first sender reports, which LiveKit sends every three seconds, times are those of arrival.
  const measured = clapper.claps.slice(8, enough).flatMap(({ noiseAtMs, flashAtMs }) => {
    const [heardAtMs, seenAtMs] = [onset(frames.audio, noiseAtMs), onset(frames.video, flashAtMs)]
    const isClear = heardAtMs !== undefined && seenAtMs !== undefined
    return isClear ? [{ noise: heardAtMs - noiseAtMs, flash: seenAtMs - flashAtMs }] : []
  })
  expect(measured.length).toBeGreaterThan(5)
  const noise = median(measured.map((one) => one.noise))
  const flash = median(measured.map((one) => one.flash))
  const apart = median(measured.map((one) => one.noise - one.flash))
  expect(witness.faults).toEqual([])
  // A packet of sound is 20 ms long, and the noise starts anywhere in it.
  expect(Math.abs(apart + 10)).toBeLessThan(20)
  // What is first is the one that needed least; on a busy machine that is still something.
  expect(Math.abs(flash)).toBeLessThan(30)
  expect(Math.abs(noise + 10)).toBeLessThan(30)
}, 90_000)
