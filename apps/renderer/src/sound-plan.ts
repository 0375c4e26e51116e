import type { ChunkSpan } from './messages.ts'

export const samplesPerMs = 48
/** Samples in a frame of AAC. */
export const frameSamples = 1024
/** Borders of sound lie this long before those of pictures, so that what comes after a border is always there. */
const aheadMs = 500
/** The limiter and the encoder remember less than this: frames from here on are those of an encoder that began with the recording. */
const runUpFrames = 64
/** The encoder looks ahead. */
const runOutFrames = 4

/** What is mixed and encoded for a chunk, and which of the encoder's frames are its own. */
export interface SoundPlan {
  /** Whole samples. */
  fromMs: number
  untilMs: number
  /** Frames that belong to the chunk before. */
  skip: number
  /** Infinity for all that there are. */
  keep: number
}

/**
 * Cuts the sound of chunks at whole frames, counted from where the first one begins. An encoder's first frame comes before the first
 * sample and only primes a decoder; the first chunk keeps its own, and the joined file tells players to skip it.
 */
export function planSound({ fromMs, untilMs, isFirst, isLast, startMs = 0 }: ChunkSpan): SoundPlan {
  const startSample = Math.round(startMs * samplesPerMs)
  const border = (ms: number) =>
    Math.max(0, Math.floor(((ms - aheadMs) * samplesPerMs - startSample) / frameSamples))
  const toMs = (frame: number) => (startSample + frame * frameSamples) / samplesPerMs
  const first = isFirst ? 0 : border(fromMs)
  const runUp = Math.min(first, runUpFrames)
  const next = border(untilMs)
  return {
    fromMs: toMs(first - runUp),
    untilMs: isLast ? Math.round(untilMs * samplesPerMs) / samplesPerMs : toMs(next + runOutFrames),
    skip: runUp,
    keep: isLast ? Number.POSITIVE_INFINITY : next - first,
  }
}
