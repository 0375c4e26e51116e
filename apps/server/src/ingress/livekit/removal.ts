import type { Logger } from 'pino'
import { createWakeable } from '../../process/wakeable.ts'
import type { IngressEngine } from './engine.ts'
import type { UndeletedStore } from './store.ts'

interface RemovalOptions {
  undeleted: UndeletedStore
  engine: Pick<IngressEngine, 'delete'>
  log: Logger
  sweepEveryMs?: number
}

/** Has LiveKit's Ingress service delete what was deleted here: at once, or by the next sweep where LiveKit did not answer. */
export function startIngressRemoval({ undeleted, engine, log, sweepEveryMs = 10_000 }: RemovalOptions) {
  async function remove(id: string): Promise<void> {
    await engine.delete(id)
    await undeleted.strike(id)
  }

  const sweep = async () => {
    for (const id of await undeleted.list()) await remove(id)
  }
  const sweeping = createWakeable(sweep, {
    everyMs: sweepEveryMs,
    onError: (error) => log.warn({ err: error }, 'deleted endpoints stay in LiveKit for now'),
  })

  return { remove, close: sweeping.close }
}

export type IngressRemoval = ReturnType<typeof startIngressRemoval>
