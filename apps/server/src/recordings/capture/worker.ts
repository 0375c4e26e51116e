import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { createGate } from '../../process/gate.ts'
import { createWakeable } from '../../process/wakeable.ts'
import type { RecordingRow } from '../row.ts'
import type { RecordingWorker } from '../worker.ts'
import { type Capture, type CaptureOptions, startCapture } from './capture.ts'
import type { CaptureStore } from './store.ts'

interface CaptureWorkerOptions extends Omit<CaptureOptions, 'row' | 'folder' | 'inTurn'> {
  store: CaptureStore
  /** For the recordings of this server; each has a folder of its own in it. */
  directory: string
  maxCaptures: number
  /** Below this the recordings end, before the disk is full. */
  minFreeBytes: number
  log: Logger
}

/** A lease lasts six times as long, and this much later at most another takes it. */
const lookEveryMs = 2_500
const finishedAtOnce = 4

/** Captures the recordings that it can claim; it takes none while the disk is nearly full. */
export async function startCaptureWorker(options: CaptureWorkerOptions): Promise<RecordingWorker> {
  const { store, directory, maxCaptures, minFreeBytes, log } = options
  const captures = new Map<string, Capture>()
  const inTurn = createGate(finishedAtOnce)
  let isClosing = false
  let isDiskLow = false
  await mkdir(directory, { recursive: true, mode: 0o700 })

  async function look(): Promise<void> {
    await watchDisk()
    await steer()
    const claimed = isClosing ? [] : await store.claim([...captures.keys()], places(), isDiskLow)
    for (const row of claimed) start(row)
    await sweep(directory, store, (id) => captures.has(id))
  }

  /** Those that only wait for the store take none. */
  const places = () => maxCaptures - [...captures.values()].filter(({ isRecording }) => isRecording).length

  function start(row: RecordingRow): void {
    const capture = startCapture({ ...options, row, folder: join(directory, row.id), inTurn })
    captures.set(row.id, capture)
    void capture.done.then(() => captures.delete(row.id))
  }

  async function steer(): Promise<void> {
    const wishes = await store.renew([...captures.keys()])
    for (const [id, capture] of captures) {
      const wish = wishes.get(id)
      if (wish) capture.steer(wish)
      // Another process has it, or it has been deleted.
      else capture.abandon('at-once')
    }
  }

  async function watchDisk(): Promise<void> {
    const free = await statfs(directory).catch((error) => {
      log.warn({ err: error }, 'how full the disk is cannot be told')
      return undefined
    })
    const wasLow = isDiskLow
    isDiskLow = free !== undefined && free.bavail * free.bsize < minFreeBytes
    if (!isDiskLow) return
    if (!wasLow) log.error({ directory, minFreeBytes }, 'the disk is nearly full: recordings end')
    for (const capture of captures.values()) capture.endForDisk()
  }

  const looking = createWakeable(look, {
    everyMs: lookEveryMs,
    onError: (error) => log.warn({ err: error }, 'recordings wait for the database'),
  })
  looking.wake()

  return {
    wake: looking.wake,
    capacity: () => (isDiskLow || isClosing ? 0 : maxCaptures),
    close: async () => {
      isClosing = true
      await looking.close()
      const ids = [...captures.keys()]
      for (const capture of captures.values()) capture.abandon('hand-over')
      await Promise.all([...captures.values()].map(({ done }) => done))
      await store.release(ids).catch(() => undefined)
    },
  }
}

/** Removes folders of recordings that are in the store by now, or have been deleted, or given up. */
async function sweep(directory: string, store: CaptureStore, isHeld: (id: string) => boolean): Promise<void> {
  const folders = (await readdir(directory)).filter((id) => !isHeld(id))
  if (folders.length === 0) return
  const kept = new Set(await store.uncaptured(folders))
  for (const folder of folders)
    if (!kept.has(folder) && !isHeld(folder))
      await rm(join(directory, folder), { recursive: true, force: true })
}
