import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Colour, ToneHz } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { openCall } from './testing/call.ts'
import { near, readTimeline, spansOf } from './testing/kept.ts'
import { forkRecorder } from './testing/recorder-process.ts'
import { forMs, setStage } from './testing/stage.ts'

const stage = setStage()
const segmentMs = 3_000

test('everything of a call is kept in files that hold it at the times of the timeline, and nothing of a pause', async () => {
  const call = openCall(stage.livekit)
  await using ada = await call.joins('ada', 440, 'red')
  await using recorder = forkRecorder()
  const startedAtMs = await stage.records(recorder, call, { segmentMs })
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

  const timeline = await readTimeline(stage.directory)
  expect(timeline).toMatchObject({ recordingId: 'EG_1', durationMs, gaps: [] })
  expect(Date.parse(timeline.startedAt)).toBe(startedAtMs)
  expect(reason).toBe('stopped')
  near(durationMs, stoppedAtMs, 100)
  near(timeline.pauses[0]?.fromMs, pausedAtMs, 100)
  near(timeline.pauses[0]?.untilMs, resumedAtMs, 100)

  expect(timeline.participants.map(({ sid, name, kind, role }) => ({ sid, name, kind, role }))).toEqual(
    [ada, bob, again].map(({ sid, identity }) => ({
      sid,
      name: `${identity} of the test`,
      kind: 'STANDARD',
      role: 'host',
    })),
  )
  near(timeline.participants[1]?.untilMs, leftAtMs, 300)
  // Of who speaks already when the recorder comes, LiveKit does not always tell.
  for (const { sid } of [bob, again])
    expect(
      timeline.speakers.some(({ sids }) => sids.includes(sid)),
      `${sid} speaks`,
    ).toBe(true)
  const bobsSound = timeline.tracks.find(({ sid }) => sid === bob.publishedTrackSid('audio'))
  near(bobsSound?.muted[0]?.fromMs, mutedAtMs, 200)
  near(bobsSound?.muted[0]?.untilMs, unmutedAtMs, 200)

  const media: [string, ToneHz, string, Colour][] = [
    [ada.publishedTrackSid('audio'), 440, ada.publishedTrackSid('video'), 'red'],
    [bob.publishedTrackSid('audio'), 600, bob.publishedTrackSid('video'), 'green'],
    [again.publishedTrackSid('audio'), 800, again.publishedTrackSid('video'), 'blue'],
  ]
  const partsOf = (trackSid: string) => timeline.tracks.find(({ sid }) => sid === trackSid)?.parts ?? []
  const named = timeline.tracks.flatMap(({ parts }) => parts.map(({ file }) => file))
  const there = (await readdir(join(stage.directory, 'tracks'))).map((name) => `tracks/${name}`)
  expect(named.toSorted()).toEqual(there.toSorted())
  const told = recorder.said.filter((event) => event.type === 'part')
  expect(told.map(({ file, sizeBytes }) => `${file}: ${sizeBytes}`).toSorted()).toEqual(
    timeline.tracks
      .flatMap(({ parts }) => parts)
      .map(({ file, sizeBytes }) => `${file}: ${sizeBytes}`)
      .toSorted(),
  )
  for (const { file, kind } of told) expect(kind).toBe(file.endsWith('.ogg') ? 'audio' : 'video')
  for (const [audioSid, tone, videoSid, colour] of media) {
    expect(await spansOf(stage.directory, timeline, audioSid, tone)).not.toEqual([])
    expect(await spansOf(stage.directory, timeline, videoSid, colour)).not.toEqual([])
    for (const sid of [audioSid, videoSid]) {
      // A key frame comes within a second of being asked for.
      const lateMs = sid === audioSid ? 100 : 1_000
      const parts = partsOf(sid)
      for (const [index, { fromMs, untilMs }] of parts.entries()) {
        expect((untilMs ?? 0) - fromMs).toBeLessThan(segmentMs + lateMs)
        for (const pause of timeline.pauses)
          expect(
            (untilMs ?? 0) <= pause.fromMs || fromMs >= (pause.untilMs ?? 0),
            `${fromMs} to ${untilMs}, and a pause`,
          ).toBe(true)
        const next = parts[index + 1]
        if (next && next.fromMs - (untilMs ?? 0) < 10) near(next.fromMs % segmentMs, 0, lateMs)
      }
    }
  }
  const muted = bobsSound?.muted[0]
  for (const { fromMs, untilMs } of bobsSound?.parts ?? [])
    expect(
      (untilMs ?? 0) <= (muted?.fromMs ?? 0) + 100 || fromMs >= (muted?.untilMs ?? 0) - 100,
      `${fromMs} to ${untilMs}, and muted`,
    ).toBe(true)
  await call.close()
}, 60_000)
