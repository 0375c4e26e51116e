import type { Logger } from 'pino'
import { createWakeable } from '../../process/wakeable.ts'
import type { RecordingWorker } from '../worker.ts'
import { type Following, type FollowingOptions, followRecording } from './following.ts'

interface EgressWorkerOptions extends Omit<FollowingOptions, 'row' | 'wish'> {
  maxRecordings: number
  log: Logger
}

/** A lease lasts three times as long. */
const lookEveryMs = 5_000

/** Has LiveKit's Egress make the recordings that it can claim. */
export function startEgressWorker(options: EgressWorkerOptions): RecordingWorker {
  const { store, maxRecordings, log } = options
  const followings = new Map<string, Following>()
  let isClosing = false

  async function look(): Promise<void> {
    await steer()
    const places = isClosing ? 0 : maxRecordings - followings.size
    for (const { row, ...wish } of await store.claim([...followings.keys()], places)) {
      const following = followRecording({ ...options, row, wish })
      followings.set(row.id, following)
      void following.done.then(() => followings.delete(row.id))
    }
  }

  async function steer(): Promise<void> {
    const wishes = await store.renew([...followings.keys()])
    for (const [id, following] of followings) {
      const wish = wishes.get(id)
      if (wish) following.steer(wish)
      // Another process has it.
      else following.leave()
    }
  }

  const looking = createWakeable(look, {
    everyMs: lookEveryMs,
    onError: (error) => log.warn({ err: error }, 'recordings wait for the database'),
  })
  looking.wake()

  return {
    wake: looking.wake,
    capacity: () => (isClosing ? 0 : maxRecordings),
    close: async () => {
      isClosing = true
      await looking.close()
      const ids = [...followings.keys()]
      for (const following of followings.values()) following.leave()
      await Promise.all([...followings.values()].map(({ done }) => done))
      await store.release(ids).catch(() => undefined)
    },
  }
}
