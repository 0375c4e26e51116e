import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VideoCodec } from '@livekit/rtc-node'
import { eventually, type RunningLiveKit, startFaultProxy, startLiveKit } from '@rtcstack/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { salvage } from './salvage/salvage.ts'
import { type Call, openCall } from './testing/call.ts'
import { near, readTimeline, spansOf } from './testing/kept.ts'
import { forkRecorder, type RecorderProcess } from './testing/recorder-process.ts'
import { shareBlueScreen } from './testing/screen-share.ts'

let livekit: RunningLiveKit
let directory: string
beforeEach(async () => {
  livekit = await startLiveKit()
  directory = await mkdtemp(join(tmpdir(), 'recorder-'))
})
afterEach(async () => {
  await livekit[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const forMs = (ms: number) => {
  const from = performance.now()
  return eventually(() => performance.now() - from >= ms, { timeoutMs: ms + 1_000 })
}

async function records(recorder: RecorderProcess, call: Call, url = call.url) {
  recorder.tell({ type: 'record', recordingId: 'EG_1', url, token: await call.recorderToken(), directory })
  await recorder.says('started')
}

test('screens that are shared in H.264, VP9 and AV1 are kept', async () => {
  const call = openCall(livekit)
  await using ada = await call.joins('ada', 440, false)
  await using recorder = forkRecorder()
  await records(recorder, call)
  const shared: string[] = []
  for (const codec of [VideoCodec.H264, VideoCodec.VP9, VideoCodec.AV1]) {
    const screen = await shareBlueScreen(ada.room, codec)
    shared.push(screen.sid)
    await forMs(2_000)
    await screen.stop()
  }
  recorder.tell({ type: 'stop' })
  await recorder.says('ended')
  const timeline = await readTimeline(directory)
  const screens = timeline.tracks.filter(({ source }) => source === 'SCREEN_SHARE')
  expect(
    screens.map(({ sid, parts }) => [sid, parts.map(({ codec, mediaType }) => [codec, mediaType])]),
  ).toEqual([
    [shared[0], [['h264', 'video/matroska']]],
    [shared[1], [['vp9', 'video/webm']]],
    [shared[2], [['av1', 'video/webm']]],
  ])
  for (const { sid, untilMs } of screens) {
    const [span] = await spansOf(directory, timeline, sid, 'blue')
    near(span?.untilMs, untilMs, 300)
  }
}, 60_000)

test('where signalling is cut, all goes on in new files, and nothing is missing', async () => {
  const call = openCall(livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using proxy = await startFaultProxy({ targetPort: Number(new URL(livekit.url).port) })
  await using recorder = forkRecorder()
  await records(recorder, call, `http://127.0.0.1:${proxy.port}`)
  await forMs(1_500)
  await proxy.set('cut')
  await forMs(2_500)
  recorder.tell({ type: 'stop' })
  const { durationMs } = await recorder.says('ended')
  const timeline = await readTimeline(directory)
  expect(timeline.gaps).toEqual([])
  for (const [kind, what] of [
    ['audio', 440],
    ['video', 'red'],
  ] as const) {
    const [first, second, ...more] = await spansOf(directory, timeline, ada.publishedTrackSid(kind), what)
    expect(more).toEqual([])
    near(second?.fromMs, first?.untilMs ?? null, 100)
    near(second?.untilMs, durationMs, 200)
  }
}, 60_000)

test('where LiveKit crashes and comes back, the recording goes on, and says that something is missing', async () => {
  const call = openCall(livekit)
  const ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder()
  await records(recorder, call)
  await forMs(1_500)
  const sound = ada.publishedTrackSid('audio')
  await livekit.restart()
  await ada.leave()
  await using again = await call.joins('ada', 600, 'green')
  await eventually(() => recorder.said.filter(({ type }) => type === 'progress').length > 3)
  await forMs(3_000)
  recorder.tell({ type: 'stop' })
  const { durationMs } = await recorder.says('ended')
  const timeline = await readTimeline(directory)
  expect(timeline.gaps).toHaveLength(1)
  const [gap] = timeline.gaps
  const [before] = await spansOf(directory, timeline, sound, 440)
  near(before?.untilMs, gap?.fromMs ?? null, 1_000)
  const after = await spansOf(directory, timeline, again.publishedTrackSid('audio'), 600)
  near(after[0]?.fromMs, gap?.untilMs ?? null, 1_000)
  near(after.at(-1)?.untilMs, durationMs, 200)
}, 60_000)

test('a disk that takes no more is the end, for the reason given; what was written until then is salvaged', async () => {
  const call = openCall(livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder({ mostKiB: 16 })
  await records(recorder, call)
  const { reason, detail } = await recorder.says('failed')
  expect(reason).toBe('disk-failed')
  expect(detail).toContain('EFBIG')
  expect(await recorder.exited).toBe(1)
  const timeline = await salvage(directory)
  if (!timeline) return expect.unreachable()
  const [span] = await spansOf(directory, timeline, ada.publishedTrackSid('audio'), 440)
  expect((span?.untilMs ?? 0) - (span?.fromMs ?? 0)).toBeGreaterThan(1_000)
}, 30_000)
