import type { Timeline } from '@rtcstack/contract'
import { createScenes, type LayoutName, type Scene } from './scene.ts'

export interface IntervalOptions {
  layout: LayoutName
  fps: number
  /** Milliseconds from the recording's start; by default all of it. */
  from?: number | undefined
  to?: number | undefined
}

/** A stretch with one arrangement of tiles, of whole frames. */
export interface Interval extends Scene {
  fromMs: number
  untilMs: number
}

/** Changes this close together are one: a join and its camera, say. */
const togetherMs = 200
/** One run renders at most this much, so that runs share the machine evenly and a retry costs little. */
const longestMs = 60_000

/** Cuts a recording, or a stretch of it, where its arrangement changes. The intervals cover the stretch in order. */
export function planIntervals(timeline: Timeline, options: IntervalOptions): Interval[] {
  const { fps } = options
  const [first, last] = frameSpan(timeline, options)
  const sceneAt = createScenes(timeline, options.layout)
  const toMs = (frame: number) => (frame * 1000) / fps
  const frames = changes(timeline)
    .map((ms) => wholeFrames(ms, fps))
    .filter((frame) => frame > first && frame < last)
  const stretches: { from: number; scene: Scene; key: string }[] = []
  for (const { from, settled } of together([first, ...frames], Math.round((togetherMs * fps) / 1000))) {
    const scene = sceneAt(toMs(settled))
    const key = JSON.stringify(scene)
    if (stretches.at(-1)?.key !== key) stretches.push({ from, scene, key })
  }
  const longest = Math.floor((longestMs * fps) / 1000)
  return stretches.flatMap(({ from, scene }, index) =>
    pieces(from, stretches[index + 1]?.from ?? last, longest).map(([start, end]) => ({
      ...scene,
      fromMs: toMs(start),
      untilMs: toMs(end),
    })),
  )
}

/** The first frame to be rendered and the one after the last. */
export function frameSpan(timeline: Timeline, options: IntervalOptions): [number, number] {
  const endMs = timeline.durationMs ?? Math.max(0, ...changes(timeline))
  const fromMs = Math.max(0, options.from ?? 0)
  const untilMs = Math.min(endMs, options.to ?? endMs)
  const first = Math.floor((fromMs * options.fps) / 1000 + tolerance)
  const last = wholeFrames(untilMs, options.fps)
  if (!(last > first)) throw new Error(`nothing lies between ${fromMs} and ${untilMs} ms of this recording`)
  return [first, last]
}

/** Stretches of at most `longest`. */
export function pieces(from: number, until: number, longest: number): [number, number][] {
  const count = Math.ceil((until - from) / longest)
  return Array.from({ length: count }, (_, index) => {
    const start = from + index * longest
    return [start, Math.min(start + longest, until)]
  })
}

/** Frames until a time. Rounded up, for at its frame a change has happened. */
const wholeFrames = (ms: number, fps: number) => Math.ceil((ms * fps) / 1000 - tolerance)
const tolerance = 1e-6

/** Every time at which anything might look different. */
function changes(timeline: Timeline): number[] {
  const spans = [
    ...timeline.participants,
    ...timeline.pauses,
    ...timeline.tracks.flatMap((track) => [track, ...track.muted, ...track.parts]),
  ]
  const ends = spans.flatMap(({ fromMs, untilMs }) => (untilMs === null ? [fromMs] : [fromMs, untilMs]))
  return [...ends, ...timeline.speakers.map(({ atMs }) => atMs)]
}

/** Groups of times: where each begins, and where the last of it has happened. */
function together(times: number[], distance: number): { from: number; settled: number }[] {
  const groups: { from: number; settled: number }[] = []
  for (const time of times.toSorted((one, other) => one - other)) {
    const group = groups.at(-1)
    if (group && time - group.from <= distance) group.settled = time
    else groups.push({ from: time, settled: time })
  }
  return groups
}
