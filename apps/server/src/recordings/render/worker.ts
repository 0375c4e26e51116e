import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BlobStoreFullError } from '@rtcstack/blobs'
import type { Logger } from 'pino'
import { isDatabaseAway } from '../../database/away.ts'
import { createWakeable } from '../../process/wakeable.ts'
import type { RenderClaim, RenderStore } from './store.ts'
import type { RenderWork } from './work.ts'

/** Renders what it can claim. */
export interface RenderWorker {
  wake(): void
  close(): Promise<void>
}

interface RenderWorkerOptions {
  store: RenderStore
  work: RenderWork
  /** For what is made on the way; what a killed server left in it is removed. */
  directory: string
  /** How many renderers run at once. */
  maxRenders: number
  /** Resolves when ffmpeg is there. */
  ready: Promise<void>
  log: Logger
}

interface Running {
  claim: RenderClaim
  progress: number
  signal: AbortController
  done: Promise<void>
}

const lookEveryMs = 5_000
const mostTries = 5
const firstPauseMs = 2_000
const longestPauseMs = 300_000
const databaseRetryMs = 1_000

export async function startRenderWorker(options: RenderWorkerOptions): Promise<RenderWorker> {
  const { store, work, directory, maxRenders, log } = options
  const running = new Map<string, Running>()
  let isReady = false
  let isClosing = false
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true, mode: 0o700 })

  async function look(): Promise<void> {
    for (const one of running.values())
      if (!(await store.renew(one.claim, one.progress))) one.signal.abort(new Error('the claim is lost'))
    if (isClosing || !isReady) return
    const claimed = await store.claim([...running.keys()], maxRenders - running.size)
    for (const claim of claimed) start(claim)
  }

  function start(claim: RenderClaim): void {
    const key = `${claim.recordingId}/${claim.name}`
    const one: Running = { claim, progress: 0, signal: new AbortController(), done: Promise.resolve() }
    running.set(key, one)
    one.done = run(one)
      .catch((error) =>
        log.warn({ err: error }, 'what came of a render could not be recorded; it is done again'),
      )
      .finally(() => {
        running.delete(key)
        looking.wake()
      })
  }

  async function run(one: Running): Promise<void> {
    const { claim, signal } = one
    const folder = join(directory, `${claim.recordingId}-${claim.name}`)
    await mkdir(folder, { recursive: true })
    try {
      const onProgress = (progress: number) => {
        one.progress = progress
      }
      const made = await work.run(claim, { folder, signal: signal.signal, onProgress })
      await insist(one, () => (claim.kind === 'file' ? store.ready(claim, made) : store.done(claim, made)))
    } catch (error) {
      await insist(one, () => judge(one, error as Error))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** The database may be away: what has come of it is written when it is back, or by whoever does it again. */
  async function insist({ signal }: Running, write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (signal.signal.aborted || !isDatabaseAway(error)) throw error
        await pause(databaseRetryMs)
      }
    }
  }

  async function judge({ claim, signal }: Running, error: Error): Promise<void> {
    if (signal.signal.aborted) return store.release(claim)
    const { recordingId, name, kind, tries } = claim
    log.warn({ err: error, recordingId, name, tries }, 'a render failed')
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1))
    if (tries < mostTries || kind === 'clearing') return store.retry(claim, error.message, pauseMs)
    const isFull = error instanceof BlobStoreFullError
    return store.failed(claim, error.message, isFull ? 'storage-full' : 'render-failed')
  }

  const looking = createWakeable(look, {
    everyMs: lookEveryMs,
    onError: (error) => log.warn({ err: error }, 'renders wait for the database'),
  })
  const begin = () => {
    isReady = true
    looking.wake()
  }
  // A server that ends before there is ffmpeg renders nothing.
  options.ready.then(begin, () => undefined)

  return {
    wake: looking.wake,
    close: async () => {
      isClosing = true
      await looking.close()
      for (const one of running.values()) one.signal.abort(new Error('the server ends'))
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
