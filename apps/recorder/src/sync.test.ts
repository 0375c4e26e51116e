import { type Clapper, publishClapper } from '@rtcstack/room-tap/testing/clapper'
import { expect, test } from 'vitest'
import { openCall } from './testing/call.ts'
import { whereClaps } from './testing/claps.ts'
import { readTimeline } from './testing/kept.ts'
import { forkRecorder } from './testing/recorder-process.ts'
import { forMs, setStage } from './testing/stage.ts'

const stage = setStage()

/** Of a recording that goes on for longer than a test of every day may. */
const minutes = Number(process.env.RECORDER_SYNC_MINUTES ?? 0)

/** How much later each clap is heard than seen, other than the clapper made it, by when that was. */
function apart(
  claps: Clapper['claps'],
  { heard, seen }: { heard: number[]; seen: number[] },
  startedAtMs: number,
) {
  const near = (times: number[], aboutMs: number) => times.find((atMs) => Math.abs(atMs - aboutMs) < 250)
  return claps.flatMap(({ noiseAtMs, flashAtMs }) => {
    const noise = near(heard, noiseAtMs - startedAtMs)
    const flash = near(seen, flashAtMs - startedAtMs)
    if (noise === undefined || flash === undefined) return []
    return [{ atMs: flash, apartMs: noise - flash - (noiseAtMs - flashAtMs) }]
  })
}

// A clap may be late where the clapper had no time to make it: the middle one of some is judged.
function middle(measured: ReturnType<typeof apart>, fromMs: number, untilMs: number): number {
  const values = measured.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).map(({ apartMs }) => apartMs)
  expect(values.length, `claps from ${fromMs} to ${untilMs} ms`).toBeGreaterThanOrEqual(2)
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

test(
  'what is heard and seen at one time is within 40 ms in the files: at first, after a stall of the recorder, and later',
  async () => {
    const call = openCall(stage.livekit)
    await using ada = await call.joins('ada', false, false)
    const clapper = await publishClapper(ada.room.localParticipant ?? expect.unreachable())
    await using recorder = forkRecorder()
    const startedAtMs = await stage.records(recorder, call, { segmentMs: 30_000 })
    await forMs(6_000)
    recorder.child.kill('SIGSTOP')
    const stalledAtMs = Date.now() - startedAtMs
    await forMs(1_000)
    recorder.child.kill('SIGCONT')
    const wokenAtMs = Date.now() - startedAtMs
    await forMs(6_000 + minutes * 60_000)
    recorder.tell({ type: 'stop' })
    const { durationMs } = await recorder.says('ended')
    await clapper.stop()

    const claps = await whereClaps(stage.directory, await readTimeline(stage.directory))
    const measured = apart(clapper.claps, claps, startedAtMs)
    const stretches = [
      [0, 3_200],
      [3_200, stalledAtMs],
      [stalledAtMs - 500, wokenAtMs + 2_000],
      [wokenAtMs, wokenAtMs + 6_000],
      [durationMs - 6_000, durationMs],
    ] as const
    const middles = stretches.map(([fromMs, untilMs]) => middle(measured, fromMs, untilMs))
    for (const apartMs of middles) expect(Math.abs(apartMs), `${middles}`).toBeLessThanOrEqual(40)
  },
  90_000 + minutes * 80_000,
)
