import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { BlobStoreFullError } from '@rtcstack/blobs'
import type { RecordingEndReason, RecordingError, Timeline } from '@rtcstack/contract'
import { salvage } from '@rtcstack/recorder/salvage'
import { readTimeline } from '@rtcstack/recorder/timeline'
import type { Logger } from 'pino'
import type { RecordingRow } from '../row.ts'
import { recordedTracks } from '../tracks.ts'
import type { Shipping } from './shipping.ts'
import type { CaptureStore } from './store.ts'

interface FinishOptions {
  row: RecordingRow
  folder: string
  reason: RecordingEndReason
  /** Undefined when nothing has been recorded. */
  shipping: Shipping | undefined
  store: Pick<CaptureStore, 'ended' | 'captured' | 'failed' | 'release'>
  /** Writes to the database, now or when it is back. */
  insist<T>(write: () => Promise<T>): Promise<T>
  /** Resolves when no chunk is being queued. */
  settled(): Promise<void>
  /** Few at a time: after the store was away, all of them would bring theirs at once. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Aborts when it is left to others. */
  signal: AbortSignal
  log: Logger
}

/** A server that comes back within this time after a stop still has the files of what it recorded. */
const comesBackMs = 600_000
const shippingTries = 10
const longestShippingPauseMs = 60_000

/** Makes of what was captured what is rendered: all of it in the store, and the rest of its chunks queued. */
export async function finishCapture(options: FinishOptions): Promise<void> {
  const { row, folder, reason, shipping, store, insist, settled, signal, log } = options
  const timeline = await wholeTimeline(folder)
  if (!timeline && mayBeElsewhere(row)) {
    await removeFolder(folder)
    return await insist(() => store.release([row.id]))
  }
  if (!timeline || !shipping) {
    // What was recorded elsewhere, and did not come into the store, went with that machine.
    const error = row.startedAt ? 'server-lost' : reason === 'recorder-failed' ? reason : 'nothing-recorded'
    await insist(() => store.failed(row.id, error, row.startedAt ? 'server-lost' : reason))
    return await removeFolder(folder)
  }
  // A file has one frame at least.
  const durationMs = Math.max(1, Math.round(timeline.durationMs ?? 0))
  const ended = await insist(() => store.ended(row.id, { reason, durationMs }))
  // It was given up or deleted meanwhile, or is another process's: nothing more of it is stored.
  if (!ended) return
  const fault = await options.inTurn(() => shipAll(shipping, timeline, { signal, log }))
  // Its files stay where they are, for the operator.
  if (fault) return void (await insist(() => store.failed(row.id, fault, reason)))
  await settled()
  const tracks = recordedTracks(timeline, shipping.place)
  await insist(() => store.captured(row.id, row.picture.layout, durationMs, tracks))
  await removeFolder(folder)
}

/** Stopped a moment ago, with nothing of it here or in the store: its own server may be starting again. */
const mayBeElsewhere = ({ startedAt, stoppedAt }: RecordingRow) =>
  startedAt !== null && stoppedAt !== null && Date.now() - stoppedAt.getTime() < comesBackMs

/** The timeline of a recording that is over; of one whose recorder was killed, what can be salvaged. */
async function wholeTimeline(folder: string): Promise<Timeline | undefined> {
  const timeline = await readTimeline(folder)
  return timeline && timeline.durationMs === null ? salvage(folder) : timeline
}

/** A store that is away is waited for; one that refuses is tried again for some minutes. */
async function shipAll(
  shipping: Shipping,
  timeline: Timeline,
  { signal, log }: Pick<FinishOptions, 'signal' | 'log'>,
): Promise<RecordingError | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await shipping.rest(timeline))
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error
      log.warn({ err: error, tries }, 'the store does not take a recording')
      if (tries === shippingTries)
        return error instanceof BlobStoreFullError ? 'storage-full' : 'storage-refused'
      await pause(Math.min(longestShippingPauseMs, 1_000 * 2 ** tries), undefined, { signal })
    }
  }
}

const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true })
