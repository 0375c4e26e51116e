import { setTimeout as pause } from 'node:timers/promises'
import type { Client, RecordingDetail, Render } from '@rtcstack/sdk'
import type { Context } from '../context.ts'
import { percentText } from './text.ts'

const lookEveryMs = 500
const stepOfProgress = 0.1

/** Says how far something has come, each time that it has come a tenth further. */
export function tellProgress({ note }: Pick<Context, 'note'>, what: string) {
  let told = -1
  return (progress: number) => {
    const step = Math.floor(progress / stepOfProgress)
    if (step <= told) return
    told = step
    note(`${what}: ${percentText(progress)}`)
  }
}

interface WaitOptions {
  onProgress?: (progress: number) => void
  /** As long as it takes, unless told. */
  limitMs?: number
}

/** A recording that was stopped, when its file is there or there will be none. */
export const untilOver = (
  { recordings }: Client,
  recordingId: string,
  options: WaitOptions,
): Promise<RecordingDetail> => until(() => recordings.get(recordingId), options)

/** A render, when its file is there or there will be none. */
export const untilRendered = (
  { recordings }: Client,
  { recordingId, renderId }: Render,
  options: WaitOptions,
): Promise<Render> => until(() => recordings.getRender(recordingId, renderId), options)

async function until<T extends { status: string; progress: number }>(
  look: () => Promise<T>,
  { onProgress, limitMs = Number.POSITIVE_INFINITY }: WaitOptions,
): Promise<T> {
  const startedAt = performance.now()
  for (;;) {
    const seen = await look()
    if (seen.status === 'ready' || seen.status === 'failed') return seen
    onProgress?.(seen.progress)
    if (performance.now() - startedAt > limitMs)
      throw new Error(
        `It is still ${seen.status} after ${limitMs / 1000} s, ${percentText(seen.progress)} made`,
      )
    await pause(lookEveryMs)
  }
}
