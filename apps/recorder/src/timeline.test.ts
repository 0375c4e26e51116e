import { Timeline } from '@rtcstack/contract'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { timelineOf } from './timeline.ts'
import { lastTimeOf, type TimelineEvent } from './timeline-event.ts'

const started: TimelineEvent = {
  type: 'started',
  version: 1,
  recordingId: 'EG_1',
  room: { sid: 'RM_1', name: 'tea' },
  startedAt: '2026-01-01T12:30:00.000Z',
}
const ada = { sid: 'PA_1', identity: 'ada', name: 'Ada', kind: 'STANDARD', role: 'host' }
const microphone = { sid: 'TR_1', participantSid: 'PA_1', kind: 'audio', source: 'MICROPHONE' } as const
const joined = (atMs: number): TimelineEvent => ({ type: 'joined', atMs, participant: ada })
const published = (atMs: number, muted = false): TimelineEvent => ({
  type: 'published',
  atMs,
  track: microphone,
  muted,
})
const opened = (file: string, atMs: number): TimelineEvent => ({
  type: 'opened',
  sid: 'TR_1',
  file,
  codec: 'opus',
  mediaType: 'audio/ogg',
  atMs,
})
const closed = (file: string, untilMs: number, sizeBytes = 10): TimelineEvent => ({
  type: 'closed',
  file,
  untilMs,
  sizeBytes,
})

/** The timeline of what happened after the start; one that is valid. */
function of(...events: TimelineEvent[]): Timeline {
  const timeline = timelineOf([started, ...events])
  expect([...Value.Errors(Timeline, timeline)]).toEqual([])
  return timeline ?? expect.unreachable()
}

test('there is no timeline before the start', () => {
  expect(timelineOf([])).toBeUndefined()
  expect(timelineOf([joined(0)])).toBeUndefined()
})

test('while the recording goes on, what goes on has no end', () => {
  const { durationMs, participants, tracks } = of(joined(5), published(6, true), opened('a', 7))
  expect(durationMs).toBeNull()
  expect(participants).toEqual([{ ...ada, fromMs: 5, untilMs: null }])
  expect(tracks[0]).toMatchObject({
    untilMs: null,
    muted: [{ fromMs: 6, untilMs: null }],
    parts: [{ untilMs: null }],
  })
})

test('the end ends all that went on, and is not before the end of a file', () => {
  const timeline = of(
    joined(0),
    published(0, true),
    { type: 'paused', atMs: 50 },
    opened('a', 0),
    closed('a', 103),
    { type: 'ended', atMs: 100 },
  )
  expect(timeline.durationMs).toBe(103)
  expect(timeline.participants[0]?.untilMs).toBe(103)
  expect(timeline.tracks[0]).toMatchObject({ untilMs: 103, muted: [{ fromMs: 0, untilMs: 103 }] })
  expect(timeline.pauses).toEqual([{ fromMs: 50, untilMs: 103 }])
})

test('who comes back is another participant; who changes is the same', () => {
  const renamed = { ...ada, name: 'Countess' }
  const { participants } = of(
    joined(0),
    { type: 'joined', atMs: 10, participant: renamed },
    { type: 'left', atMs: 20, sid: 'PA_1' },
    { type: 'joined', atMs: 30, participant: { ...ada, sid: 'PA_2' } },
  )
  expect(participants).toEqual([
    { ...renamed, fromMs: 0, untilMs: 20 },
    { ...ada, sid: 'PA_2', fromMs: 30, untilMs: null },
  ])
})

test('who leaves takes their tracks along', () => {
  const { tracks } = of(joined(0), published(0, true), { type: 'left', atMs: 20, sid: 'PA_1' })
  expect(tracks[0]).toMatchObject({ untilMs: 20, muted: [{ fromMs: 0, untilMs: 20 }] })
})

test('mutes and pauses are spans, however often they are told', () => {
  const { tracks, pauses } = of(
    joined(0),
    published(0),
    { type: 'unmuted', atMs: 5, sid: 'TR_1' },
    { type: 'muted', atMs: 10, sid: 'TR_1' },
    { type: 'muted', atMs: 11, sid: 'TR_1' },
    { type: 'unmuted', atMs: 20, sid: 'TR_1' },
    { type: 'paused', atMs: 30 },
    { type: 'paused', atMs: 31 },
    { type: 'resumed', atMs: 40 },
    { type: 'resumed', atMs: 41 },
  )
  expect(tracks[0]?.muted).toEqual([{ fromMs: 10, untilMs: 20 }])
  expect(pauses).toEqual([{ fromMs: 30, untilMs: 40 }])
})

test('what was over when the recording started is not in it', () => {
  const timeline = of(
    joined(0),
    published(0),
    { type: 'paused', atMs: 0 },
    { type: 'resumed', atMs: 0 },
    { type: 'unpublished', atMs: 0, sid: 'TR_1' },
    { type: 'left', atMs: 0, sid: 'PA_1' },
  )
  expect(timeline).toMatchObject({ participants: [], tracks: [], pauses: [] })
})

test('nothing was lost while a track was muted', () => {
  const mute: TimelineEvent[] = [
    { type: 'muted', atMs: 100, sid: 'TR_1' },
    { type: 'unmuted', atMs: 200, sid: 'TR_1' },
  ]
  const lost = (fromMs: number, untilMs: number): TimelineEvent => ({
    type: 'lost',
    sid: 'TR_1',
    fromMs,
    untilMs,
  })
  const gaps = (...events: TimelineEvent[]) => of(joined(0), published(0), ...events).tracks[0]?.gaps
  expect(gaps(lost(10, 30))).toEqual([{ fromMs: 10, untilMs: 30 }])
  expect(gaps(...mute, lost(90, 199))).toEqual([])
  expect(gaps(...mute, lost(90, 240))).toEqual([{ fromMs: 200, untilMs: 240 }])
})

test('files are in order and do not overlap, and one that holds nothing is none', () => {
  const { tracks } = of(
    joined(0),
    published(0),
    opened('b', 100),
    opened('a', 0),
    opened('empty', 300),
    closed('a', 104),
    closed('b', 200),
    closed('empty', 300, 0),
  )
  expect(tracks[0]?.parts.map(({ file, fromMs, untilMs }) => [file, fromMs, untilMs])).toEqual([
    ['a', 0, 100],
    ['b', 100, 200],
  ])
})

test('where another recorder goes on there is a gap, and who is not told of again has left in it', () => {
  const eve = { ...ada, sid: 'PA_2', identity: 'eve' }
  const timeline = of(
    joined(0),
    published(0),
    { type: 'joined', atMs: 0, participant: eve },
    { type: 'speaking', atMs: 10, sids: ['PA_2'] },
    { type: 'taken-over', fromMs: 500, atMs: 900 },
    joined(950),
    published(950),
    { type: 'connected', atMs: 1_000 },
  )
  expect(timeline.gaps).toEqual([{ fromMs: 500, untilMs: 1_000 }])
  expect(timeline.participants).toEqual([
    { ...ada, fromMs: 0, untilMs: null },
    { ...eve, fromMs: 0, untilMs: 500 },
  ])
  expect(timeline.tracks[0]).toMatchObject({ fromMs: 0, untilMs: null })
  expect(timeline.speakers).toEqual([
    { atMs: 10, sids: ['PA_2'] },
    { atMs: 500, sids: [] },
  ])
})

test('a recording that had been ended goes on', () => {
  const timeline = of(
    joined(0),
    { type: 'ended', atMs: 100 },
    { type: 'taken-over', fromMs: 100, atMs: 200 },
    joined(200),
    { type: 'connected', atMs: 200 },
  )
  expect(timeline.durationMs).toBeNull()
  expect(timeline.participants).toEqual([{ ...ada, fromMs: 0, untilMs: null }])
})

test('the last time is the latest of what is told', () => {
  expect(lastTimeOf([started])).toBe(0)
  expect(lastTimeOf([started, joined(10), closed('a', 300), { type: 'alive', atMs: 200 }])).toBe(300)
})
