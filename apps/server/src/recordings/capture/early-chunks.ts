import type { Timeline } from '@rtcstack/contract'
import { readTimeline } from '@rtcstack/recorder/timeline'
import { sourceSpan } from '@rtcstack/renderer/source-span'
import { type Chunk, chunkMs, settledChunks } from '../chunks.ts'
import type { Shipping } from './shipping.ts'

interface EarlyChunksOptions {
  /** Of the recording, with its journal. */
  folder: string
  shipping: Pick<Shipping, 'has' | 'timeline'>
  queuedUntilMs(): Promise<number>
  queue(chunks: Chunk[]): Promise<void>
  /** They are queued with the next ones then, or at the end. */
  failed(error: unknown): void
}

/** Queues chunks of a recording while it goes on, so that little is left to render when it ends. */
export function createEarlyChunks({ folder, shipping, queuedUntilMs, queue, failed }: EarlyChunksOptions) {
  let untilMs: number | undefined
  let recordedMs = 0
  let turns: Promise<void> = Promise.resolve()
  let isWaiting = false

  async function look(): Promise<void> {
    isWaiting = false
    untilMs ??= await queuedUntilMs()
    if (recordedMs < untilMs + chunkMs) return
    const timeline: Timeline | undefined = await readTimeline(folder)
    if (!timeline) return
    const chunks = settledChunks(timeline, untilMs, recordedMs, shipping.has, sourceSpan)
    if (chunks.length === 0) return
    await shipping.timeline(timeline)
    await queue(chunks)
    untilMs = chunks.at(-1)?.untilMs
  }

  return {
    /** So much is recorded by now, or more of it is in the store. */
    advance(durationMs = recordedMs): void {
      recordedMs = durationMs
      // A store that is away holds up a look; the one that waits for it sees all that has come by then.
      if (isWaiting) return
      isWaiting = true
      turns = turns.then(look).catch(failed)
    },

    /** Resolves when nothing is being queued. */
    settled: (): Promise<void> => turns,
  }
}

export type EarlyChunks = ReturnType<typeof createEarlyChunks>
