import { join } from 'node:path'
import { VideoCodec } from '@livekit/rtc-node'
import { startSignalProxy } from '@rtcstack/room-tap/testing/signal-proxy'
import { startUdpProxy } from '@rtcstack/room-tap/testing/udp-proxy'
import { eventually, startFaultProxy } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { salvage } from './salvage/salvage.ts'
import { openCall } from './testing/call.ts'
import { decodePictures, whereConcealed } from './testing/decode.ts'
import { near, readTimeline, spansOf } from './testing/kept.ts'
import { forkRecorder } from './testing/recorder-process.ts'
import { shareBlueScreen } from './testing/screen-share.ts'
import { forMs, setStage } from './testing/stage.ts'

const stage = setStage()

test('screens that are shared in H.264, VP9 and AV1 are kept', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, false)
  await using recorder = forkRecorder()
  await stage.records(recorder, call)
  const shared: string[] = []
  for (const codec of [VideoCodec.H264, VideoCodec.VP9, VideoCodec.AV1]) {
    const screen = await shareBlueScreen(ada.room, codec)
    shared.push(screen.sid)
    await forMs(2_000)
    await screen.stop()
  }
  recorder.tell({ type: 'stop' })
  await recorder.says('ended')
  const timeline = await readTimeline(stage.directory)
  const screens = timeline.tracks.filter(({ source }) => source === 'SCREEN_SHARE')
  expect(
    screens.map(({ sid, parts }) => [sid, parts.map(({ codec, mediaType }) => [codec, mediaType])]),
  ).toEqual([
    [shared[0], [['h264', 'video/matroska']]],
    [shared[1], [['vp9', 'video/webm']]],
    [shared[2], [['av1', 'video/webm']]],
  ])
  for (const { sid, untilMs } of screens) {
    const [span] = await spansOf(stage.directory, timeline, sid, 'blue')
    near(span?.untilMs, untilMs, 300)
  }
}, 60_000)

test('where signalling is cut, all goes on in new files, and nothing is missing', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using proxy = await startFaultProxy({ targetPort: Number(new URL(stage.livekit.url).port) })
  await using recorder = forkRecorder()
  await stage.records(recorder, call, { url: `http://127.0.0.1:${proxy.port}` })
  await forMs(1_500)
  await proxy.set('cut')
  await forMs(2_500)
  recorder.tell({ type: 'stop' })
  const { durationMs } = await recorder.says('ended')
  const timeline = await readTimeline(stage.directory)
  expect(timeline.gaps).toEqual([])
  for (const [kind, what] of [
    ['audio', 440],
    ['video', 'red'],
  ] as const) {
    const [first, second, ...more] = await spansOf(
      stage.directory,
      timeline,
      ada.publishedTrackSid(kind),
      what,
    )
    expect(more).toEqual([])
    near(second?.fromMs, first?.untilMs ?? null, 100)
    near(second?.untilMs, durationMs, 200)
  }
}, 60_000)

test('with 2 % of packets lost and 30 ms of jitter no picture stands for a second, and where sound is missing it is told', async () => {
  const call = openCall(stage.livekit)
  await using udp = await startUdpProxy({ targetPort: stage.livekit.udpPort })
  await using signal = await startSignalProxy({ targetUrl: call.url, mediaPort: udp.port })
  await using ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder()
  await stage.records(recorder, call, { url: signal.url })
  udp.set({ lossShare: 0.02, jitterMs: 30 })
  await forMs(12_000)
  recorder.tell({ type: 'stop' })
  await recorder.says('ended')
  expect(udp.counts.lost).toBeGreaterThan(5)
  const timeline = await readTimeline(stage.directory)
  const trackOf = (kind: string) => timeline.tracks.find((track) => track.kind === kind)
  const shown: number[] = []
  for (const { file } of trackOf('video')?.parts ?? [])
    shown.push(...(await decodePictures(join(stage.directory, file))).map(({ atMs }) => atMs))
  expect(shown.length).toBeGreaterThan(60)
  for (const [index, atMs] of shown.entries()) expect((shown[index + 1] ?? atMs) - atMs).toBeLessThan(1_000)
  expect(await spansOf(stage.directory, timeline, ada.publishedTrackSid('audio'), 440)).toHaveLength(1)
  const sound = trackOf('audio')
  for (const { file } of sound?.parts ?? [])
    for (const missing of await whereConcealed(join(stage.directory, file)))
      expect(sound?.gaps).toContainEqual(
        expect.toSatisfy(({ fromMs, untilMs }) => fromMs <= missing.fromMs && missing.fromMs <= untilMs),
      )
}, 60_000)

test('where LiveKit crashes and comes back, the recording goes on, and says that something is missing', async () => {
  const call = openCall(stage.livekit)
  const ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder()
  await stage.records(recorder, call)
  await forMs(1_500)
  const sound = ada.publishedTrackSid('audio')
  await stage.livekit.restart()
  await ada.leave()
  await using again = await call.joins('ada', 600, 'green')
  await eventually(() => recorder.said.filter(({ type }) => type === 'progress').length > 3)
  await forMs(3_000)
  recorder.tell({ type: 'stop' })
  const { durationMs } = await recorder.says('ended')
  const timeline = await readTimeline(stage.directory)
  expect(timeline.gaps).toHaveLength(1)
  const [gap] = timeline.gaps
  const [before] = await spansOf(stage.directory, timeline, sound, 440)
  near(before?.untilMs, gap?.fromMs ?? null, 1_000)
  const after = await spansOf(stage.directory, timeline, again.publishedTrackSid('audio'), 600)
  near(after[0]?.fromMs, gap?.untilMs ?? null, 1_000)
  near(after.at(-1)?.untilMs, durationMs, 200)
}, 60_000)

test('a disk that takes no more is the end, for the reason given; what was written until then is salvaged', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder({ mostKiB: 16 })
  await stage.records(recorder, call)
  const { reason, detail } = await recorder.says('failed')
  expect(reason).toBe('disk-failed')
  expect(detail).toContain('EFBIG')
  expect(await recorder.exited).toBe(1)
  const timeline = await salvage(stage.directory)
  if (!timeline) return expect.unreachable()
  const [span] = await spansOf(stage.directory, timeline, ada.publishedTrackSid('audio'), 440)
  expect((span?.untilMs ?? 0) - (span?.fromMs ?? 0)).toBeGreaterThan(1_000)
}, 30_000)
