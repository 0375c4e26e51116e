import type { RecordingDetail } from '@rtcstack/sdk'
import { cut, hasMoved, look, nameColour, type Sight, type TimedPicture } from '@rtcstack/testkit'

/** Something that was done in a call while it was recorded: called for, and done, in milliseconds of the recording. */
export interface Step {
  calledMs: number
  doneMs: number
}

/** A stretch of a recording. */
export interface Stretch {
  fromMs: number
  untilMs: number
}

/** Notes when steps of a call were done, by the clock of its recording. */
export function startNotes<Name extends string>(startedAt: string) {
  const steps = {} as Record<Name, Step>
  const now = () => Date.now() - new Date(startedAt).getTime()
  const step = async (name: Name, act: () => Promise<unknown>) => {
    const calledMs = now()
    await act()
    steps[name] = { calledMs, doneMs: now() }
  }
  return { steps, step }
}

/** A part of the canvas, by shares of its width and height. */
export interface Place {
  left: number
  right: number
  top: number
  bottom: number
}

/** All of the canvas but where labels are. */
export const everywhere: Place = { left: 0, right: 1, top: 0, bottom: 0.75 }
/** Within what is shared as a screen, and within the one camera beside it; both also within a camera that is alone. */
export const stage: Place = { left: 0.03, right: 0.8, top: 0.12, bottom: 0.75 }
export const strip: Place = { left: 0.86, right: 0.96, top: 0.44, bottom: 0.53 }

export function lookAt(picture: TimedPicture, { left, right, top, bottom }: Place): Sight {
  const { width, height } = picture
  return look(
    cut(picture, {
      x: left * width,
      y: top * height,
      width: (right - left) * width,
      height: (bottom - top) * height,
    }),
  )
}

const within = (pictures: TimedPicture[], { fromMs, untilMs }: Stretch) =>
  pictures.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)

/** The different colours that are seen at a place; undefined for none that is known. */
export const coloursOf = (pictures: TimedPicture[], stretch: Stretch, place: Place) => [
  ...new Set(within(pictures, stretch).map((picture) => nameColour(lookAt(picture, place)))),
]

/** How long the picture at a place stands still at most. */
export function longestStillMs(pictures: TimedPicture[], stretch: Stretch, place: Place): number {
  let longestMs = 0
  let movedAtMs = stretch.fromMs
  let before: Sight | undefined
  for (const picture of within(pictures, stretch)) {
    const sight = lookAt(picture, place)
    longestMs = Math.max(longestMs, picture.atMs - movedAtMs)
    if (before && hasMoved(before, sight)) movedAtMs = picture.atMs
    before = sight
  }
  return Math.max(longestMs, stretch.untilMs - movedAtMs)
}

/** The files of a recording's tracks of a source, in order. */
export const filesOf = ({ tracks }: RecordingDetail, source: string) =>
  tracks.filter((track) => track.source === source).flatMap(({ files }) => files)
