import type { Logger } from 'pino'
import type { Sealing } from './sealing.ts'

/** Where secrets are kept, each under the id that it was sealed for. */
interface SealedStore {
  listSealed(): Promise<{ id: string; sealedSecret: Buffer }[]>
  reseal(id: string, before: Buffer, sealedSecret: Buffer): Promise<unknown>
}

/**
 * Seals with the newest key what an older one sealed, so that the older one can go. Says so where a secret cannot be
 * opened: what needs it waits.
 */
export async function resealSecrets(
  of: 'webhooks' | 'ingress',
  store: SealedStore,
  sealing: Sealing,
  log: Logger,
): Promise<void> {
  let lost = 0
  for (const { id, sealedSecret } of await store.listSealed()) {
    if (sealing.isCurrent(sealedSecret)) continue
    try {
      await store.reseal(id, sealedSecret, sealing.seal(id, sealing.open(id, sealedSecret)))
    } catch {
      lost++
    }
  }
  if (lost > 0) log.error({ lost, of }, 'secrets cannot be opened: bring back their SECRETS_KEY')
}
