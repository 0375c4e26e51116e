import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Timeline } from '@rtcstack/contract'
import { type Colour, eventually, type RunningLiveKit, startLiveKit, type ToneHz } from '@rtcstack/testkit'
import { Value } from 'typebox/value'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openCall } from './testing/call.ts'
import { whereColour, whereTone } from './testing/decode.ts'
import { forkRecorder } from './testing/recorder-process.ts'

let livekit: RunningLiveKit
let directory: string
beforeAll(async () => {
  livekit = await startLiveKit()
})
afterAll(() => livekit[Symbol.asyncDispose]())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recorder-'))
})
afterEach(() => rm(directory, { recursive: true }))

const segmentMs = 3_000
const forMs = (ms: number) => {
  const from = performance.now()
  return eventually(() => performance.now() - from >= ms, { timeoutMs: ms + 1_000 })
}
const near = (actual: number, expected: number, withinMs: number) =>
  expect(Math.abs(actual - expected), `${actual} is not near ${expected}`).toBeLessThanOrEqual(withinMs)

test('everything of a call is kept in files that hold it at the times of the timeline, and nothing of a pause', async () => {
  const call = openCall(livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder()
  recorder.tell({
    type: 'record',
    recordingId: 'EG_1',
    url: call.url,
    token: await call.recorderToken(),
    directory,
    segmentMs,
  })
  const { startedAt } = await recorder.says('started')
  const startedAtMs = Date.parse(startedAt)
  const nowMs = () => Date.now() - startedAtMs

  const bob = await call.joins('bob', 600, 'green')
  await forMs(2_000)
  const mutedAtMs = nowMs()
  await call.mute(bob, true)
  await forMs(3_000)
  const unmutedAtMs = nowMs()
  await call.mute(bob, false)
  await forMs(2_000)
  const pausedAtMs = nowMs()
  recorder.tell({ type: 'pause' })
  await forMs(1_500)
  const resumedAtMs = nowMs()
  recorder.tell({ type: 'resume' })
  await forMs(2_000)
  const leftAtMs = nowMs()
  await bob.leave()
  await using again = await call.joins('bob', 800, 'blue')
  await forMs(2_500)
  const stoppedAtMs = nowMs()
  recorder.tell({ type: 'stop' })
  const { reason, durationMs } = await recorder.says('ended')
  expect(await recorder.exited).toBe(0)
  expect(nowMs() - stoppedAtMs).toBeLessThan(2_000)

  const timeline = JSON.parse(await readFile(join(directory, 'timeline.json'), 'utf8')) as Timeline
  expect([...Value.Errors(Timeline, timeline)]).toEqual([])
  expect(timeline).toMatchObject({ recordingId: 'EG_1', startedAt, durationMs, gaps: [] })
  expect(reason).toBe('stopped')
  near(durationMs, stoppedAtMs, 100)
  near(timeline.pauses[0]?.fromMs ?? 0, pausedAtMs, 100)
  near(timeline.pauses[0]?.untilMs ?? 0, resumedAtMs, 100)

  expect(timeline.participants.map(({ sid, name, kind, role }) => ({ sid, name, kind, role }))).toEqual(
    [ada, bob, again].map(({ sid, identity }) => ({
      sid,
      name: `${identity} of the test`,
      kind: 'STANDARD',
      role: 'host',
    })),
  )
  near(timeline.participants[1]?.untilMs ?? 0, leftAtMs, 300)
  expect(timeline.speakers.some(({ sids }) => sids.includes(ada.sid))).toBe(true)
  const bobsSound = timeline.tracks.find(({ sid }) => sid === bob.publishedTrackSid('audio'))
  near(bobsSound?.muted[0]?.fromMs ?? 0, mutedAtMs, 200)
  near(bobsSound?.muted[0]?.untilMs ?? 0, unmutedAtMs, 200)

  const media: [string, ToneHz, string, Colour][] = [
    [ada.publishedTrackSid('audio'), 440, ada.publishedTrackSid('video'), 'red'],
    [bob.publishedTrackSid('audio'), 600, bob.publishedTrackSid('video'), 'green'],
    [again.publishedTrackSid('audio'), 800, again.publishedTrackSid('video'), 'blue'],
  ]
  const partsOf = (trackSid: string) => timeline.tracks.find(({ sid }) => sid === trackSid)?.parts ?? []
  const named = timeline.tracks.flatMap(({ parts }) => parts.map(({ file }) => file))
  const there = (await readdir(join(directory, 'tracks'))).map((name) => `tracks/${name}`)
  expect(named.toSorted()).toEqual(there.toSorted())
  for (const [audioSid, tone, videoSid, colour] of media) {
    // A second is asked for at most: key frames come within that.
    for (const [sid, startsWithinMs] of [
      [audioSid, 100],
      [videoSid, 1_000],
    ] as const) {
      const parts = partsOf(sid)
      expect(parts.length).toBeGreaterThan(0)
      for (const [index, part] of parts.entries()) {
        const file = join(directory, part.file)
        expect((await stat(file)).size).toBe(part.sizeBytes)
        const spans = sid === audioSid ? await whereTone(file, tone) : await whereColour(file, colour)
        expect(spans, part.file).toHaveLength(1)
        near(spans[0]?.fromMs ?? 0, part.fromMs, 100)
        near(spans[0]?.untilMs ?? 0, part.untilMs ?? 0, 100)
        expect((part.untilMs ?? 0) - part.fromMs).toBeLessThan(segmentMs + startsWithinMs)
        for (const pause of timeline.pauses)
          expect((part.untilMs ?? 0) <= pause.fromMs || part.fromMs >= (pause.untilMs ?? 0)).toBe(true)
        const next = parts[index + 1]
        const isCut = next && next.fromMs - (part.untilMs ?? 0) < 1
        if (isCut) near(next.fromMs % segmentMs, 0, startsWithinMs)
      }
    }
  }
  const muted = bobsSound?.muted[0]
  for (const { fromMs, untilMs } of bobsSound?.parts ?? [])
    expect((untilMs ?? 0) <= (muted?.fromMs ?? 0) + 100 || fromMs >= (muted?.untilMs ?? 0) - 100).toBe(true)
  await call.close()
}, 60_000)
