import type { Logger } from 'pino'
import type { Sealing } from '../secrets/sealing.ts'
import type { WebhookStore } from './store.ts'

/**
 * Seals with the newest key what an older one sealed, so that the older one can go. Says so where a secret cannot be
 * opened: its deliveries wait.
 */
export async function resealSecrets(
  store: Pick<WebhookStore, 'list' | 'reseal'>,
  sealing: Sealing,
  log: Logger,
): Promise<void> {
  let lost = 0
  for (const { id, sealedSecret } of await store.list()) {
    if (sealing.isCurrent(sealedSecret)) continue
    try {
      await store.reseal(id, sealedSecret, sealing.seal(id, sealing.open(id, sealedSecret)))
    } catch {
      lost++
    }
  }
  if (lost > 0) log.error({ lost }, 'secrets of webhooks cannot be opened: bring back their SECRETS_KEY')
}
