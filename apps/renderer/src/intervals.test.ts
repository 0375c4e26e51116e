import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutHoles } from './footage.ts'
import { planIntervals } from './intervals.ts'
import { covers, type LayoutName, maxTiles } from './scene.ts'
import { emptyTimeline, participant, track } from './testing/timeline.ts'

const stretchOf = (layout: LayoutName, untilMs: number, fromMs = 0) => ({
  layout,
  fps: 25,
  fromMs,
  untilMs,
  longestMs: 60_000,
})
const sidsOf = ({ tiles }: { tiles: { participantSid: string }[] }) =>
  tiles.map(({ participantSid }) => participantSid)

const durationMs = 200_000
const spans = fc
  .tuple(fc.integer({ min: 0, max: durationMs }), fc.integer({ min: 1, max: durationMs }))
  .map(([fromMs, lengthMs]) => ({ fromMs, untilMs: Math.min(durationMs, fromMs + lengthMs) }))
const timelines = fc
  .record({
    stays: fc.array(fc.record({ stay: spans, mute: spans }), { maxLength: 20 }),
    pauses: fc.array(spans, { maxLength: 2 }),
    speakers: fc.array(fc.tuple(fc.integer({ min: 0, max: durationMs }), fc.nat(19)), { maxLength: 30 }),
  })
  .map(({ stays, pauses, speakers }) => {
    const sid = (index: number) => `PA_${index}`
    return {
      ...emptyTimeline(durationMs),
      participants: stays.map(({ stay }, index) => participant(sid(index), stay.fromMs, stay.untilMs)),
      tracks: stays.map(({ stay, mute }, index) => track(sid(index), 'CAMERA', stay, { muted: [mute] })),
      pauses,
      speakers: speakers
        .map(([atMs, index]) => ({ atMs, sids: [sid(index)] }))
        .sort((one, other) => one.atMs - other.atMs),
    }
  })
const layouts = fc.constantFrom<LayoutName>('grid', 'screen', 'speaker', 'single')

test('intervals cover the span in order and without overlap, in whole frames and of a minute at most', () => {
  fc.assert(
    fc.property(timelines, layouts, spans, (timeline, layout, { fromMs, untilMs }) => {
      fc.pre(Math.ceil(untilMs / 40) > Math.ceil(fromMs / 40))
      const intervals = planIntervals(timeline, stretchOf(layout, untilMs, fromMs))
      expect(intervals[0]?.fromMs).toBe(Math.ceil(fromMs / 40) * 40)
      expect(intervals.at(-1)?.untilMs).toBe(Math.ceil(untilMs / 40) * 40)
      for (const [index, interval] of intervals.entries()) {
        expect(interval.fromMs % 40).toBe(0)
        expect(interval.untilMs - interval.fromMs).toBeGreaterThan(0)
        expect(interval.untilMs - interval.fromMs).toBeLessThanOrEqual(60_000)
        if (index > 0) expect(interval.fromMs).toBe(intervals[index - 1]?.untilMs)
      }
    }),
  )
})

test('who is present is shown, sixteen at most, and nobody else', () => {
  fc.assert(
    fc.property(timelines, fc.constantFrom<LayoutName>('grid', 'screen', 'speaker'), (timeline, layout) => {
      for (const interval of planIntervals(timeline, stretchOf(layout, durationMs))) {
        const middleMs = (interval.fromMs + interval.untilMs) / 2
        // Changes near each other are one, so only what lasts is promised.
        const lasting = (span: { fromMs: number; untilMs: number | null }) =>
          [-250, 0, 250].every((offset) => covers(span, middleMs + offset))
        const near = (span: { fromMs: number; untilMs: number | null }) =>
          [-250, 0, 250].some((offset) => covers(span, middleMs + offset))
        if (timeline.pauses.some(near)) continue
        const shown = sidsOf(interval)
        const sure = timeline.participants.filter(lasting).map(({ sid }) => sid)
        const possible = timeline.participants.filter(near).map(({ sid }) => sid)
        expect(new Set(shown).size).toBe(shown.length)
        expect(shown.length).toBeLessThanOrEqual(maxTiles)
        expect(possible).toEqual(expect.arrayContaining(shown))
        if (possible.length <= maxTiles) expect(shown).toEqual(expect.arrayContaining(sure))
        else expect(shown.length).toBeGreaterThanOrEqual(Math.min(maxTiles, sure.length))
      }
    }),
  )
})

test('a boundary stands at each join, leave, camera, share and pause', () => {
  const timeline = emptyTimeline(60_000)
  const whole = { fromMs: 0, untilMs: 60_000 }
  timeline.participants = [participant('PA_a', 0, null), participant('PA_b', 10_013, 50_000)]
  timeline.tracks = [
    track('PA_a', 'CAMERA', whole, { muted: [{ fromMs: 20_000, untilMs: 24_000 }] }),
    track('PA_a', 'MICROPHONE', whole, { muted: [{ fromMs: 5_000, untilMs: 6_000 }] }),
    track('PA_b', 'SCREEN_SHARE', { fromMs: 30_000, untilMs: 35_000 }),
  ]
  timeline.pauses = [{ fromMs: 40_000, untilMs: 42_000 }]
  const intervals = planIntervals(timeline, stretchOf('screen', 60_000))
  expect(intervals.map(({ fromMs }) => fromMs)).toEqual([
    0, 10_040, 20_000, 24_000, 30_000, 35_000, 40_000, 42_000, 50_000,
  ])
  expect(intervals.map(({ hasStage }) => hasStage).indexOf(true)).toBe(4)
  expect(intervals[6]).toMatchObject({ isPaused: true, tiles: [] })
  expect(intervals[2]?.tiles[0]?.picture).toBeNull()
  expect(intervals[3]?.tiles[0]?.picture?.sinceMs).toBe(24_000)
})

test('changes within 200 ms are one', () => {
  const timeline = emptyTimeline(20_000)
  timeline.participants = [participant('PA_a', 10_000, null), participant('PA_b', 10_120, null)]
  timeline.tracks = [track('PA_b', 'CAMERA', { fromMs: 10_190, untilMs: null })]
  const intervals = planIntervals(timeline, stretchOf('grid', 20_000))
  expect(intervals.map(({ fromMs }) => fromMs)).toEqual([0, 10_000])
  expect(sidsOf(intervals[1] ?? { tiles: [] })).toEqual(['PA_a', 'PA_b'])
  expect(intervals[1]?.tiles[1]?.picture?.trackSid).toBe('TR_PA_b_CAMERA')
})

test('the speaker takes the stage after a second, and keeps it in silence', () => {
  const timeline = emptyTimeline(30_000)
  timeline.participants = ['PA_a', 'PA_b', 'PA_c'].map((sid) => participant(sid, 0, null))
  timeline.speakers = [
    { atMs: 2_000, sids: ['PA_b'] },
    { atMs: 10_000, sids: ['PA_c'] },
    { atMs: 10_400, sids: ['PA_b'] },
    { atMs: 15_000, sids: [] },
    { atMs: 20_000, sids: ['PA_a', 'PA_b'] },
  ]
  const stages = planIntervals(timeline, stretchOf('speaker', 30_000)).map(
    (interval) => [interval.fromMs, sidsOf(interval)[0]] as const,
  )
  expect(stages).toEqual([
    [0, 'PA_a'],
    [2_000, 'PA_b'],
    [20_000, 'PA_a'],
  ])
})

test('of more than sixteen, those are shown who spoke last, then who came last', () => {
  const timeline = emptyTimeline(1_000)
  timeline.participants = Array.from({ length: 20 }, (_, index) =>
    participant(`PA_${String(index).padStart(2, '0')}`, 0, null),
  )
  timeline.speakers = [
    { atMs: 0, sids: ['PA_18'] },
    { atMs: 0, sids: ['PA_19'] },
  ]
  const [interval] = planIntervals(timeline, stretchOf('grid', 1_000))
  expect(interval?.tiles).toHaveLength(16)
  expect(sidsOf(interval ?? { tiles: [] })).toEqual(expect.arrayContaining(['PA_19']))
})

test('a stretch without a frame is refused', () => {
  expect(() => planIntervals(emptyTimeline(1_000), stretchOf('grid', 990, 970))).toThrow('no frame lies')
})

test('a long interval is cut into equal ones', () => {
  const options = { ...stretchOf('grid', 60_000, 30_000), longestMs: 14_000 }
  const intervals = planIntervals(emptyTimeline(60_000), options)
  expect(intervals.map(({ fromMs }) => fromMs)).toEqual([30_000, 40_000, 50_000])
})

test('files that follow each other are one picture, and only a hole of a second shows', () => {
  const timeline = emptyTimeline(40_000)
  timeline.participants = [participant('PA_a', 0, null)]
  const whole = track('PA_a', 'CAMERA', { fromMs: 0, untilMs: null })
  const part = (file: string, fromMs: number, untilMs: number | null) =>
    whole.parts.map((only) => ({ ...only, file, fromMs, untilMs }))
  timeline.tracks = [
    { ...whole, parts: [part('0', 0, 9_900), part('1', 10_150, 20_000), part('2', 21_500, null)].flat() },
  ]
  const intervals = planIntervals(withoutHoles(timeline), stretchOf('grid', 40_000))
  expect(intervals.map(({ fromMs }) => fromMs)).toEqual([0, 20_000, 21_520])
  const clips = intervals.map(({ tiles }) => tiles[0]?.picture?.clips)
  expect(clips).toEqual([
    [
      { file: '0', fromMs: 0, untilMs: 10_150 },
      { file: '1', fromMs: 10_150, untilMs: 20_000 },
    ],
    undefined,
    [{ file: '2', fromMs: 21_500, untilMs: null }],
  ])
})

test('a chunk of a recording that goes on is planned as it is when that has ended', () => {
  const live = emptyTimeline(70_000)
  live.participants = [participant('PA_a', 0, null), participant('PA_b', 41_000, null)]
  live.tracks = [
    track('PA_a', 'CAMERA', { fromMs: 1_000, untilMs: null }, { muted: [{ fromMs: 50_000, untilMs: null }] }),
    track('PA_b', 'SCREEN_SHARE', { fromMs: 45_000, untilMs: null }),
  ]
  const ended = structuredClone(live)
  for (const span of [...ended.participants, ...ended.tracks, ...ended.tracks.flatMap(({ parts }) => parts)])
    span.untilMs = 70_000
  for (const { muted } of ended.tracks) for (const span of muted) span.untilMs = 65_000
  const planned = (timeline: typeof live) =>
    planIntervals(timeline, stretchOf('screen', 60_000, 30_000)).map(({ fromMs, untilMs, tiles }) => ({
      fromMs,
      untilMs,
      files: tiles.map(({ picture }) => picture?.clips.map(({ file }) => file)),
    }))
  const openEnded = planned({ ...live, durationMs: null })
  expect(openEnded.map(({ fromMs }) => fromMs)).toEqual([30_000, 41_000, 45_000, 50_000])
  expect(openEnded).toEqual(planned(ended))
})
