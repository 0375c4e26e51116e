import type { Timeline } from '@rtcstack/contract'
import { footageOf } from './footage.ts'
import { createScenes, type LayoutName, type Scene } from './scene.ts'

export interface IntervalOptions {
  layout: LayoutName
  fps: number
  /** Milliseconds from the recording's start. */
  fromMs: number
  untilMs: number
  /** No interval is longer. */
  longestMs: number
}

/** A stretch with one arrangement of tiles, of whole frames. */
export interface Interval extends Scene {
  fromMs: number
  untilMs: number
}

/** Changes this close together are one: a join and its camera, say. */
const togetherMs = 200

/** Cuts a stretch of a recording where its arrangement changes. The intervals cover it in order; stretches that follow each other share no frame. */
export function planIntervals(timeline: Timeline, options: IntervalOptions): Interval[] {
  const { fps, fromMs, untilMs, longestMs } = options
  const [first, last] = [wholeFrames(fromMs, fps), wholeFrames(untilMs, fps)]
  if (!(last > first)) throw new Error(`no frame lies between ${fromMs} and ${untilMs} ms`)
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
  const longest = Math.max(1, Math.floor((longestMs * fps) / 1000))
  return stretches.flatMap(({ from, scene }, index) =>
    pieces(from, stretches[index + 1]?.from ?? last, longest).map(([start, end]) => ({
      ...scene,
      fromMs: toMs(start),
      untilMs: toMs(end),
    })),
  )
}

/** The stretch in as few pieces of at most `longest` as there can be, all alike. */
function pieces(from: number, until: number, longest: number): [number, number][] {
  const count = Math.ceil((until - from) / longest)
  const border = (index: number) => from + Math.round(((until - from) * index) / count)
  return Array.from({ length: count }, (_, index) => [border(index), border(index + 1)])
}

/** Frames until a time. Rounded up, for at its frame a change has happened. */
const wholeFrames = (ms: number, fps: number) => Math.ceil((ms * fps) / 1000 - tolerance)
const tolerance = 1e-6

/** Every time at which the picture might look different. */
function changes({ participants, pauses, speakers, tracks }: Timeline): number[] {
  const pictures = tracks.filter(({ kind }) => kind === 'video')
  const spans = [
    ...participants,
    ...pauses,
    ...pictures.flatMap((track) => [track, ...track.muted, ...footageOf(track)]),
  ]
  const ends = spans.flatMap(({ fromMs, untilMs }) => (untilMs === null ? [fromMs] : [fromMs, untilMs]))
  return [...ends, ...speakers.map(({ atMs }) => atMs)]
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
