import type { Timeline } from '@rtcstack/contract'

/** A stretch of a recording that is rendered by itself, in milliseconds from its start. */
export interface Chunk {
  name: string
  fromMs: number
  untilMs: number
  isFirst: boolean
  isLast: boolean
}

/** Also how often the recorder begins new files, so that a chunk needs few of them. */
export const chunkMs = 30_000
/** What happens after a chunk may still tell of it: who spoke briefly is judged a second later. */
const settledMs = 2_000

/**
 * The chunks from `fromMs` on that can be rendered while the recording goes on: those that are settled, and whose files, of
 * the stretch that `sourceOf` tells, are all closed and stored.
 */
export function settledChunks(
  timeline: Timeline,
  fromMs: number,
  nowMs: number,
  isStored: (file: string) => boolean,
  sourceOf: (chunk: Chunk) => { fromMs: number; untilMs: number },
): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = fromMs; at + chunkMs + settledMs <= nowMs; at += chunkMs) {
    const chunk = { name: nameOf(at), fromMs: at, untilMs: at + chunkMs, isFirst: at === 0, isLast: false }
    if (
      !partsWithin(timeline, sourceOf(chunk)).every(({ file, untilMs }) => untilMs !== null && isStored(file))
    )
      break
    chunks.push(chunk)
  }
  return chunks
}

/** The chunks from `fromMs` to the end of a recording that is over. */
export function remainingChunks(durationMs: number, fromMs: number): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = fromMs; at < durationMs; at += chunkMs) {
    const untilMs = Math.min(at + chunkMs, durationMs)
    chunks.push({ name: nameOf(at), fromMs: at, untilMs, isFirst: at === 0, isLast: untilMs === durationMs })
  }
  return chunks
}

/** Files of the timeline that hold something of a stretch. */
export const partsWithin = ({ tracks }: Timeline, span: { fromMs: number; untilMs: number }) =>
  tracks
    .flatMap(({ parts }) => parts)
    .filter(
      ({ fromMs, untilMs }) => fromMs < span.untilMs && (untilMs ?? Number.POSITIVE_INFINITY) > span.fromMs,
    )

const nameOf = (fromMs: number) => String(Math.round(fromMs / chunkMs)).padStart(5, '0')
