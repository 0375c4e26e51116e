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

/** A recording that was stopped, when its file is there or there will be none. */
export const untilOver = (
  { recordings }: Client,
  recordingId: string,
  onProgress: (progress: number) => void = () => undefined,
): Promise<RecordingDetail> => until(() => recordings.get(recordingId), onProgress)

/** A render, when its file is there or there will be none. */
export const untilRendered = (
  { recordings }: Client,
  { recordingId, renderId }: Render,
  onProgress: (progress: number) => void,
): Promise<Render> => until(() => recordings.getRender(recordingId, renderId), onProgress)

async function until<T extends { status: string; progress: number }>(
  look: () => Promise<T>,
  onProgress: (progress: number) => void,
): Promise<T> {
  for (;;) {
    const seen = await look()
    if (seen.status === 'ready' || seen.status === 'failed') return seen
    onProgress(seen.progress)
    await pause(lookEveryMs)
  }
}
