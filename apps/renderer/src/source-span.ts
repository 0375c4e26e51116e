import type { ChunkSpan } from './messages.ts'
import { planSound } from './sound-plan.ts'

/** Decoders and filters of sound have settled after this much; the mix drops it. */
export const settleMs = 500

/** The stretch of a recording whose files a chunk is made of. A file that lies partly in it is needed whole. */
export function sourceSpan(chunk: ChunkSpan): { fromMs: number; untilMs: number } {
  const soundFromMs = planSound(chunk).fromMs - settleMs
  return { fromMs: Math.max(0, Math.min(chunk.fromMs, soundFromMs)), untilMs: chunk.untilMs }
}
