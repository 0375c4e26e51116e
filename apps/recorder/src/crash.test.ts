import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { salvage } from './salvage/salvage.ts'
import { openCall } from './testing/call.ts'
import { readTimeline, spansOf } from './testing/kept.ts'
import { forkRecorder } from './testing/recorder-process.ts'
import { forMs, setStage } from './testing/stage.ts'

const stage = setStage()

test('of a recorder that is killed no more than 2 s are missing, and its files are decoded', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder()
  const startedAtMs = await stage.records(recorder, call)
  await forMs(5_500)
  recorder.child.kill('SIGKILL')
  const killedAtMs = Date.now() - startedAtMs
  expect(await recorder.exited).toBe('SIGKILL')

  const timeline = await salvage(stage.directory)
  expect(timeline).toEqual(await readTimeline(stage.directory))
  if (!timeline) return expect.unreachable()
  expect(timeline.durationMs ?? 0).toBeGreaterThan(killedAtMs - 2_000)
  expect(timeline.durationMs ?? 0).toBeLessThan(killedAtMs + 100)
  for (const [kind, what] of [
    ['audio', 440],
    ['video', 'red'],
  ] as const) {
    const [span] = await spansOf(stage.directory, timeline, ada.publishedTrackSid(kind), what)
    expect(span?.untilMs).toBeGreaterThan(killedAtMs - 2_000)
  }
  // Salvaged again it is the same.
  expect(await salvage(stage.directory)).toEqual(timeline)
}, 60_000)

test('where a recorder was killed another goes on, on the same clock, and the time between is told', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, 'red')
  const bob = await call.joins('bob', 600, 'green')
  await using killed = forkRecorder()
  const startedAtMs = await stage.records(killed, call)
  await forMs(3_500)
  killed.child.kill('SIGKILL')
  await killed.exited
  const killedAtMs = Date.now() - startedAtMs
  await bob.leave()
  await forMs(1_000)

  await using recorder = forkRecorder()
  expect(await stage.records(recorder, call)).toBe(startedAtMs)
  await forMs(2_500)
  recorder.tell({ type: 'stop' })
  const stoppedAtMs = Date.now() - startedAtMs
  const { durationMs } = await recorder.says('ended')
  expect(Math.abs(durationMs - stoppedAtMs)).toBeLessThan(100)

  const timeline = await readTimeline(stage.directory)
  const [gap] = timeline.gaps
  expect(timeline.gaps).toHaveLength(1)
  expect(gap?.fromMs).toBeGreaterThan(killedAtMs - 2_000)
  expect(gap?.fromMs).toBeLessThan(killedAtMs + 100)
  expect(gap?.untilMs).toBeGreaterThan(killedAtMs + 1_000)
  // What the one before had not ended is told by the one that goes on.
  const told = [...killed.said, ...recorder.said].flatMap((event) =>
    event.type === 'part' ? [event.file] : [],
  )
  expect(told.toSorted()).toEqual(
    timeline.tracks.flatMap(({ parts }) => parts.map(({ file }) => file)).toSorted(),
  )
  // Who was there before and after has one stay; who was gone afterwards left in the gap.
  const stays = timeline.participants.map(({ sid, untilMs }) => [sid, untilMs])
  expect(stays).toHaveLength(2)
  expect(Object.fromEntries(stays)).toEqual({ [ada.sid]: durationMs, [bob.sid]: gap?.fromMs })
  for (const [kind, what] of [
    ['audio', 440],
    ['video', 'red'],
  ] as const) {
    const spans = await spansOf(stage.directory, timeline, ada.publishedTrackSid(kind), what)
    expect(spans).toHaveLength(2)
    expect(spans[0]?.untilMs).toBeGreaterThan(killedAtMs - 2_000)
    expect(spans[1]?.fromMs).toBeGreaterThan(killedAtMs + 1_000)
    expect(spans[1]?.fromMs).toBeLessThan((gap?.untilMs ?? 0) + 1_000)
    expect(spans[1]?.untilMs).toBeGreaterThan(durationMs - 300)
  }
}, 60_000)

test('a recorder that is paused when it is killed stays paused in the next one', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, false)
  await using killed = forkRecorder()
  await stage.records(killed, call)
  await forMs(500)
  killed.tell({ type: 'pause' })
  const { atMs: pausedAtMs } = await killed.says('paused')
  // The journal has it.
  await eventually(async () =>
    (await readFile(join(stage.directory, 'timeline.jsonl'), 'utf8')).includes('"paused"'),
  )
  killed.child.kill('SIGKILL')
  await killed.exited

  await using recorder = forkRecorder()
  await stage.job(recorder, call)
  await eventually(
    async () =>
      (await readFile(join(stage.directory, 'timeline.jsonl'), 'utf8')).split('"connected"').length > 2,
  )
  await forMs(1_000)
  recorder.tell({ type: 'stop' })
  const { durationMs } = await recorder.says('ended')
  const timeline = await readTimeline(stage.directory)
  expect(timeline.pauses).toEqual([{ fromMs: pausedAtMs, untilMs: durationMs }])
  const [span, ...more] = await spansOf(stage.directory, timeline, ada.publishedTrackSid('audio'), 440)
  expect(more).toEqual([])
  expect(span?.untilMs).toBeLessThan(pausedAtMs + 100)
}, 60_000)

test.each(['SIGTERM', 'the end of its parent'])(
  '%s ends the recording with all that there was',
  async (cause) => {
    const call = openCall(stage.livekit)
    await using ada = await call.joins('ada', 440, 'red')
    await using recorder = forkRecorder()
    const startedAtMs = await stage.records(recorder, call)
    await forMs(1_500)
    if (cause === 'SIGTERM') recorder.child.kill('SIGTERM')
    else recorder.child.disconnect()
    const endedAtMs = Date.now() - startedAtMs
    expect(await recorder.exited).toBe(0)
    const timeline = await readTimeline(stage.directory)
    expect(Math.abs((timeline.durationMs ?? 0) - endedAtMs)).toBeLessThan(100)
    const [span] = await spansOf(stage.directory, timeline, ada.publishedTrackSid('audio'), 440)
    expect(span?.untilMs).toBeGreaterThan(endedAtMs - 200)
  },
  30_000,
)

test('a recorder whose place is taken says so, and leaves the timeline to the other', async () => {
  const call = openCall(stage.livekit)
  await using _ada = await call.joins('ada', 440, false)
  await using first = forkRecorder()
  await stage.records(first, call)
  await using second = forkRecorder()
  await stage.records(second, call)
  expect((await first.says('failed')).reason).toBe('replaced')
  expect(await first.exited).toBe(1)
  await expect(stat(join(stage.directory, 'timeline.json'))).rejects.toThrow('ENOENT')
  second.tell({ type: 'stop' })
  await second.says('ended')
}, 30_000)

test('where nobody sends anything the clock runs all the same, and who is there is told', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', false, false)
  await using recorder = forkRecorder()
  const startedAtMs = await stage.records(recorder, call)
  expect(await recorder.says('progress')).toMatchObject({ participants: 1, sizeBytes: 0 })
  recorder.tell({ type: 'stop' })
  const stoppedAtMs = Date.now() - startedAtMs
  const { durationMs } = await recorder.says('ended')
  expect(Math.abs(durationMs - stoppedAtMs)).toBeLessThan(100)
  expect(await readTimeline(stage.directory)).toMatchObject({
    durationMs,
    participants: [{ sid: ada.sid, untilMs: durationMs }],
    tracks: [],
  })
}, 30_000)

test('a recorder ends when the room is closed, and fails when LiveKit refuses it', async () => {
  const call = openCall(stage.livekit)
  await using _ada = await call.joins('ada', 440, false)
  await using recorder = forkRecorder()
  await stage.records(recorder, call)
  await call.close()
  expect((await recorder.says('ended')).reason).toBe('room-closed')
  await using refused = forkRecorder()
  refused.tell({
    type: 'record',
    recordingId: 'EG_2',
    url: call.url,
    token: 'none',
    directory: join(stage.directory, 'other'),
  })
  expect((await refused.says('failed')).reason).toBe('refused')
}, 30_000)
