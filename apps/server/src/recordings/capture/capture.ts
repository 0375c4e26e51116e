import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { BlobStore } from '@rtcstack/blobs'
import type { RecorderEvent } from '@rtcstack/recorder'
import { readTimeline } from '@rtcstack/recorder/timeline'
import type { Logger } from 'pino'
import { isDatabaseAway } from '../../database/away.ts'
import { chunkMs } from '../chunks.ts'
import { keysOf, placeOf } from '../keys.ts'
import type { RecordingRow } from '../row.ts'
import { createEarlyChunks, type EarlyChunks } from './early-chunks.ts'
import { finishCapture } from './finish.ts'
import type { Recorders } from './recorders.ts'
import { type RoomRecording, recordRoom } from './room-recording.ts'
import { createRoomWatch, type RoomLimits } from './room-watch.ts'
import { createShipping, journalFile, type Shipping } from './shipping.ts'
import type { CaptureStore, Wish } from './store.ts'

/** A recording that this process captures, until all of it is in the store. */
export interface Capture {
  readonly id: string
  /** Whether it still takes a recorder, or only waits for the store. */
  readonly isRecording: boolean
  /** What is wanted of it now. */
  steer(wish: Wish): void
  /** There is no room on the disk: what there is becomes the recording. */
  endForDisk(): void
  /** Leaves it to another process, or to the next start of this one; what may be of use to that is handed over first. */
  abandon(how: 'hand-over' | 'at-once'): void
  /** Never rejects. */
  readonly done: Promise<void>
}

export interface CaptureOptions {
  row: RecordingRow
  /** Of this recording alone. */
  folder: string
  url: string
  token(room: string, recordingId: string): Promise<string>
  roomExists(room: string): Promise<boolean>
  recorders: Pick<Recorders, 'take'>
  blobs: BlobStore
  store: CaptureStore
  limits: RoomLimits
  /** Brings what is over into the store, few at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  log: Logger
}

const databaseRetryMs = 1_000
/** What a server that ends still brings into the store, from where another one could go on. */
const lastShippingMs = 4_000

export function startCapture(options: CaptureOptions): Capture {
  const { row, folder, blobs, store } = options
  const { id, room } = row
  const log = options.log.child({ recordingId: id })
  const leaving = new AbortController()
  const watchRoom = createRoomWatch(options.limits)
  let { startedAt } = row
  let shipping: Shipping | undefined
  let recording: RoomRecording | undefined
  let chunks: EarlyChunks | undefined
  let notes: Promise<unknown> = Promise.resolve()
  let handsOver = false
  let isFinishing = row.state === 'processing'

  /** The database may be away: what has happened is written when it is back. */
  async function insist<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      leaving.signal.throwIfAborted()
      try {
        return await write()
      } catch (error) {
        log[isDatabaseAway(error) ? 'debug' : 'warn']({ err: error }, 'a recording waits for the database')
        await pause(databaseRetryMs, undefined, { signal: leaving.signal })
      }
    }
  }
  /** The same for what nobody waits for, in its order. */
  const note = (write: () => Promise<unknown>) => {
    notes = notes.then(() => insist(write)).catch(() => undefined)
  }

  function hear(event: RecorderEvent): void {
    switch (event.type) {
      case 'started':
        begin(new Date(event.startedAt))
        break
      case 'paused':
      case 'resumed':
        note(() => store.paused(id, event.type === 'paused'))
        break
      case 'part':
        shipping?.part(event.file)
        break
      case 'progress': {
        const reason = watchRoom(event)
        if (reason) recording?.stop(reason)
        chunks?.advance(event.durationMs)
        break
      }
      case 'ended':
      case 'failed':
        break
    }
  }

  function begin(at: Date): void {
    const isFirst = startedAt === null
    startedAt ??= at
    const place = openShipping(startedAt)
    if (!isFirst) return
    // One that has been given up meanwhile is abandoned with the next look.
    note(() => store.started(id, at, keysOf(place).file))
  }

  function openShipping(at: Date): string {
    const place = placeOf({ id, room, startedAt: at })
    if (shipping) return place
    const { signal } = leaving
    const onShipped = () => chunks?.advance()
    shipping = createShipping({ blobs, directory: folder, place, signal, onShipped })
    chunks = createEarlyChunks({
      folder,
      shipping,
      queuedUntilMs: () => store.queuedUntilMs(id),
      queue: (some) => store.queueChunks(id, row.picture.layout, some),
      failed: (error) => {
        if (!signal.aborted) log.warn({ err: error }, 'a recording is not rendered while it goes on')
      },
    })
    return place
  }

  async function run(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (startedAt) await goOn(startedAt)
    leaving.signal.throwIfAborted()
    const reason = isFinishing ? 'stopped' : await record()
    isFinishing = true
    await notes
    const settled = async () => chunks?.settled()
    const { signal } = leaving
    const { inTurn } = options
    if (reason)
      await finishCapture({ row, folder, reason, shipping, store, insist, settled, inTurn, signal, log })
    else if (handsOver) await handOver()
    else leaving.abort()
  }

  /** Another process has begun it, perhaps on another machine: its journal is in the store then. */
  async function goOn(at: Date): Promise<void> {
    const { journal } = keysOf(openShipping(at))
    const path = join(folder, journalFile)
    if (!(await isThere(path)) && (await blobs.stat(journal))) await blobs.getFile(journal, path)
    // The store may be away, and the call goes on: what is not recalled is shipped again.
    void shipping?.recall().catch(() => undefined)
  }

  function record() {
    recording = recordRoom({
      job: { recordingId: id, url: options.url, directory: folder, segmentMs: chunkMs },
      recorders: options.recorders,
      token: () => options.token(room, id),
      roomExists: () => options.roomExists(room),
      onEvent: hear,
      wantsPause: row.wantsPause,
      log,
    })
    return recording.ending
  }

  async function handOver(): Promise<void> {
    const timeline = await readTimeline(folder)
    if (timeline && shipping) await Promise.race([shipping.rest(timeline), pause(lastShippingMs)])
    leaving.abort()
  }

  const done = run().catch((error) => {
    if (!leaving.signal.aborted) log.error({ err: error }, 'a capture broke off; it is taken up again')
  })
  return {
    id,
    get isRecording() {
      return !isFinishing
    },
    steer: ({ isOver, wantsPause }) => {
      recording?.setPaused(wantsPause)
      if (isOver) recording?.stop('stopped')
    },
    endForDisk: () => recording?.stop('disk-full'),
    abandon: (how) => {
      handsOver = how === 'hand-over'
      if (isFinishing || !recording) leaving.abort()
      else recording.abandon()
    },
    done,
  }
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
