import type { Logger } from 'pino'
import type { Egress } from '../../livekit/convert.ts'
import type { RecordingRow } from '../row.ts'
import type { EgressEngine } from './engine.ts'
import { failureOfStart } from './outcome.ts'
import type { EgressStore } from './store.ts'

/** The one egress that a recording has. */
export interface EgressOrder {
  /** How it is, once it is ordered; `waits` while that is not known, `none` when there is none and will be none. */
  look(isGone: boolean): Promise<Egress | 'waits' | 'none'>
  /** Whether it could not be started: the recording has failed. */
  hasFailed(): boolean
}

interface EgressOrderOptions {
  row: RecordingRow
  key: string
  engine: EgressEngine
  store: Pick<EgressStore, 'asked' | 'failed'>
  log: Logger
}

/** An egress that LiveKit does not know for so long is not there. */
const unknownLimitMs = 15_000

/**
 * Orders an egress for a recording, unless there is one: by its id, or by its key where who ordered it did not live to note
 * the id.
 */
export function createEgressOrder({ row, key, engine, store, log }: EgressOrderOptions): EgressOrder {
  const { id, room } = row
  let { engineId } = row
  let hasFailed = false
  let unknownSince: number | undefined

  async function find(isGone: boolean): Promise<Egress | undefined> {
    if (engineId !== null) return engine.find(engineId)
    const asking = engine.findByKey(room, key)
    // A LiveKit that cannot tell is not waited for when nobody waits for the recording.
    const found = await (isGone ? asking.catch(() => undefined) : asking)
    if (found) await keep(found)
    return found
  }

  async function keep(egress: Egress): Promise<void> {
    await store.asked(id, egress.id)
    engineId = egress.id
  }

  async function start(): Promise<'waits' | 'none'> {
    let egress: Egress
    try {
      egress = await engine.start({ room, key, picture: row.picture })
    } catch (error) {
      log.warn({ err: error }, 'an egress did not start')
      const failure = failureOfStart(error)
      hasFailed = true
      await store.failed(id, failure.error, failure.reason)
      return failure.mayHaveBegun ? 'waits' : 'none'
    }
    await keep(egress)
    return 'waits'
  }

  return {
    async look(isGone) {
      const isUnwanted = isGone || hasFailed
      const egress = await find(isUnwanted)
      if (egress) {
        unknownSince = undefined
        return egress
      }
      if (engineId === null && !isUnwanted) return start()
      unknownSince ??= performance.now()
      if (performance.now() - unknownSince < unknownLimitMs) return 'waits'
      if (engineId !== null) log.error({ engineId }, 'LiveKit does not know an egress')
      await store.failed(id, 'recorder-failed', 'recorder-failed')
      return 'none'
    },
    hasFailed: () => hasFailed,
  }
}
