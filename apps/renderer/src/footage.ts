import type { Timeline, TimelinePart, TimelineSpan, TimelineTrack } from '@rtcstack/contract'

/** Frames of slow cameras are this far apart, so between two files a shorter hole is none. */
const holeMs = 1000

/** A file, and when its pictures are to be shown. */
export interface Clip extends TimelineSpan, Pick<TimelinePart, 'file'> {}

/** A stretch of a track that has a picture throughout, in one file or several that follow each other. */
export interface Footage extends TimelineSpan {
  clips: Clip[]
}

/** The timeline with parts of pictures that last until the next one begins, where that is soon. */
export function withoutHoles(timeline: Timeline): Timeline {
  const tracks = timeline.tracks.map((track) =>
    track.kind === 'video' ? { ...track, parts: track.parts.map(lengthened) } : track,
  )
  return { ...timeline, tracks }
}

function lengthened(part: TimelinePart, index: number, parts: TimelinePart[]): TimelinePart {
  const nextMs = parts[index + 1]?.fromMs
  const isSoon = nextMs !== undefined && (part.untilMs === null || nextMs - part.untilMs < holeMs)
  return isSoon ? { ...part, untilMs: nextMs } : part
}

/** The stretches of a track, in order. */
export function footageOf(track: TimelineTrack): Footage[] {
  const all: Footage[] = []
  for (const { file, fromMs, untilMs } of track.parts) {
    const last = all.at(-1)
    const clip = { file, fromMs, untilMs }
    if (last && last.untilMs === fromMs) {
      last.untilMs = untilMs
      last.clips.push(clip)
    } else all.push({ fromMs, untilMs, clips: [clip] })
  }
  return all
}
