import { expect, test } from 'vitest'
import { videoRun } from './filter-graph.ts'
import type { Interval } from './intervals.ts'
import { gridOf } from './layout.ts'
import type { Tile } from './scene.ts'

const settings = { width: 1280, height: 720, fps: 25, crf: 25 }

const tile = (sid: string, more: Partial<Tile> = {}): Tile => ({
  participantSid: sid,
  name: sid,
  isScreen: false,
  picture: {
    trackSid: `TR_${sid}`,
    clips: [{ file: `${sid}.webm`, fromMs: 1_000, untilMs: null }],
    sinceMs: 1_000,
  },
  ...more,
})

function runOf(
  tiles: Tile[],
  span: Partial<Interval> = {},
  speakers: { atMs: number; sids: string[] }[] = [],
) {
  const interval = { isPaused: false, hasStage: false, tiles, fromMs: 4_000, untilMs: 8_000, ...span }
  const drawings = {
    rectangles: gridOf(tiles.length, settings),
    background: 'background.png',
    labels: tiles.map(({ name }) => ({ file: `${name}.png`, width: 60, height: 20 })),
  }
  return videoRun({
    interval,
    speakers,
    settings,
    drawings,
    resolve: (file) => `/tracks/${file}`,
  })
}

const encoderOf = ({ args }: { args: string[] }) =>
  args.slice(args.indexOf('-map'), args.indexOf('-frames:v'))

test('every interval is encoded with the same settings, whatever it shows', () => {
  const runs = [
    runOf([tile('a'), tile('b')]),
    runOf([]),
    runOf([tile('a', { picture: null })], { isPaused: true }),
  ]
  for (const run of runs) expect(encoderOf(run)).toEqual(encoderOf(runs[0] ?? run))
})

test('an interval is as many frames as it lasts', () => {
  const { args } = runOf([], { fromMs: 40, untilMs: 60_000 })
  expect(args.slice(-2)).toEqual(['-frames:v', '1499'])
})

test('a tile without a picture reads no file', () => {
  const { args } = runOf([tile('a', { picture: null }), tile('b')])
  expect(args).toContain('/tracks/b.webm')
  expect(args).not.toContain('/tracks/a.webm')
})

test('a file is entered at the key frame before the interval, and at its beginning when it begins later', () => {
  const { args } = runOf([tile('a')])
  expect(args[args.indexOf('-ss') + 1]).toBe('4.000000')
  expect(runOf([tile('a')], { fromMs: 0 }).args).not.toContain('-ss')
})

test('a camera fills its tile and a screen is whole in it', () => {
  expect(runOf([tile('a')]).graph).toContain('force_original_aspect_ratio=increase')
  const { graph } = runOf([tile('a', { isScreen: true })])
  expect(graph).toContain('force_original_aspect_ratio=decrease')
  expect(graph).not.toContain('crop')
})

test('who speaks has a border for as long, cut to the interval and in one piece', () => {
  const speakers = [
    { atMs: 2_000, sids: ['a'] },
    { atMs: 5_000, sids: ['b', 'a'] },
    { atMs: 6_000, sids: [] },
    { atMs: 7_000, sids: ['a'] },
    { atMs: 9_000, sids: ['b'] },
  ]
  const { graph } = runOf([tile('a'), tile('b'), tile('c')], {}, speakers)
  const turns = [...graph.matchAll(/^\[turn.\](.*)loop=.*end_frame=([0-9]+)/gm)]
  expect(turns.map(([, boxes = '', frames]) => [boxes.split('drawbox').length - 1, frames])).toEqual([
    [1, '25'],
    [2, '25'],
    [0, '25'],
    [1, '25'],
  ])
})
