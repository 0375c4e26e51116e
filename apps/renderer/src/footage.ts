import type { TimelinePart, TimelineSpan, TimelineTrack } from '@rtcstack/contract'

/** Frames of slow cameras are this far apart, so between two files a shorter hole is none. */
const holeMs = 1000

/** A file, and when its pictures are to be shown. */
export interface Clip extends TimelineSpan, Pick<TimelinePart, 'file'> {}

/** A stretch of a track that has a picture throughout, in one file or several that follow each other. */
export interface Footage extends TimelineSpan {
  clips: Clip[]
}

/** The stretches of a track, in order. */
export function footageOf(track: TimelineTrack): Footage[] {
  const all: Footage[] = []
  for (const { file, fromMs, untilMs } of track.parts) {
    const footage = all.at(-1)
    const before = footage?.clips.at(-1)
    if (footage && before && (before.untilMs === null || fromMs - before.untilMs < holeMs)) {
      before.untilMs = fromMs
      footage.untilMs = untilMs
      footage.clips.push({ file, fromMs, untilMs })
    } else all.push({ fromMs, untilMs, clips: [{ file, fromMs, untilMs }] })
  }
  return all
}
