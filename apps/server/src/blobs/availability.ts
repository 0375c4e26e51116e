import { setTimeout as pause } from 'node:timers/promises'
import { type BlobStore, type Retry, retrying, spreadDelayMs } from '@rtcstack/blobs'
import type { Logger } from 'pino'

/** How long a question for the state waits for a fresh look, so that a store that hangs makes nobody wait. */
const freshLookMs = 300
/** No blob has such a key: looking for it asks the store, and costs it nothing. */
const nowhere = '.rtcstack-probe/'

export interface BlobAvailabilityOptions {
  store: Pick<BlobStore, 'name' | 'prepare' | 'list'>
  /** What is wrong, for the log. */
  describe: (error: unknown) => string
  log: Logger
  /** Pause after so many failures in a row; up to 15 s unless told. */
  delayMs?: (failures: number) => number
}

/** Whether the store of blobs is there, known without waiting for it. */
export interface BlobAvailability {
  /** Resolves when the store was made ready, or could not be at the first try. */
  readonly tried: Promise<void>
  /** Resolves when the store was made ready; rejects when this is closed before. */
  readonly ready: Promise<void>
  /** Rejects with what was wrong when the store was last looked at. */
  probe(): Promise<void>
  /** Stops trying; a request that is under way is not waited for, as it may take long. */
  close(): void
}

/** Makes a store ready, trying until it is: calls go on without it, so a store that is away stops no server. */
export function watchBlobs(options: BlobAvailabilityOptions): BlobAvailability {
  const { store, describe, log, delayMs = spreadDelayMs } = options
  const ending = new AbortController()
  const { signal } = ending
  const firstTry = Promise.withResolvers<void>()
  let isPrepared = false
  let fault: unknown = new Error('the store was not reached yet')
  let look: Promise<void> | undefined

  const onRetry = ({ error, failures, delayMs: nextTryMs }: Retry) => {
    fault = error
    log.warn({ reason: describe(error), failures, nextTryMs }, 'the store of recordings is not ready')
    firstTry.resolve()
  }
  const policy = { isPassing: () => true, delayMs, onRetry }
  const ready = retrying(() => store.prepare(), policy, { signal }).then(() => {
    isPrepared = true
    fault = undefined
    log.info({ store: store.name }, 'the store of recordings is ready')
  })
  ready.then(firstTry.resolve, firstTry.resolve)

  async function lookOnce(): Promise<void> {
    try {
      for await (const _blob of store.list(nowhere)) break
      fault = undefined
    } catch (error) {
      fault = error
      if (!signal.aborted)
        log.warn({ reason: describe(error) }, 'the store of recordings does not answer as it should')
    } finally {
      look = undefined
    }
  }

  return {
    tried: firstTry.promise,
    ready,
    async probe() {
      if (isPrepared && !signal.aborted) {
        look ??= lookOnce()
        await Promise.race([look, pause(freshLookMs, undefined, { ref: false })])
      }
      if (fault) throw fault
    },
    close: () => ending.abort(new Error('the server ends')),
  }
}
