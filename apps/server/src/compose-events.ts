import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { BanEnforcement } from './bans/enforcement.ts'
import type { Closing } from './closing.ts'
import { type Config, webhookNetworks } from './config.ts'
import { createBatching } from './database/batching.ts'
import type { Database } from './database/database.ts'
import { openDatabaseSession } from './database/session.ts'
import { createLedger, ledgerChannel } from './events/ledger.ts'
import { createRecentReading } from './events/recent.ts'
import { endOfLedger, readEvents } from './events/store.ts'
import { createEventStreams } from './events/stream.ts'
import { createInboxProcessor } from './inbox/processor.ts'
import { keepLetters, type Letter } from './inbox/store.ts'
import { followIngresses } from './ingress/follower.ts'
import type { LiveKit } from './livekit/client.ts'
import { createOutbound } from './outbound/outbound.ts'
import { resealSecrets } from './secrets/reseal.ts'
import type { Sealing } from './secrets/sealing.ts'
import type { Observation } from './sessions/observation.ts'
import { createReconciler } from './sessions/reconciler.ts'
import { createSessionTracker } from './sessions/tracker.ts'
import { createDeliver } from './webhooks/deliver.ts'
import { createDispatcher } from './webhooks/dispatcher.ts'
import { createDeliveryLog } from './webhooks/log-store.ts'
import { createQueueStore, queueDeliveries } from './webhooks/queue-store.ts'
import { createWebhookService } from './webhooks/service.ts'
import { createWebhookStore } from './webhooks/store.ts'

/** Longer than the 15 s that a delivery may take. */
const deliveryLeaseSeconds = 30

interface EventParts {
  config: Config
  database: Database
  databaseUrl: string
  livekit: LiveKit
  sealing: Sealing
  /** Told of everyone who joins. */
  inspect: BanEnforcement['inspect']
  /** Others who listen to what processes tell each other, by channel; '*' when something may have been missed. */
  listeners: Record<string, (payload: string) => void>
  log: Logger
}

/** The ledger, what fills it, and what goes out from it: started, and closed in reverse by `closing`. */
export async function startEvents(
  { config, database, databaseUrl, livekit, sealing, inspect, listeners, log }: EventParts,
  closing: Closing,
) {
  const ledger = createLedger(database, queueDeliveries)
  const sessions = createSessionTracker(database, ledger, followIngresses)
  const end = () => endOfLedger(database)
  const eventStreams = createEventStreams({
    read: createRecentReading({
      read: (after, filter, limit) => readEvents(database, after, filter, limit),
      end,
    }),
    end,
    log,
  })

  const webhookStore = createWebhookStore(database)
  await resealSecrets('webhooks', webhookStore, sealing, log)
  const outbound = createOutbound({ allowCidrs: webhookNetworks(config) })
  closing.add('webhook connections', outbound.close)
  const deliver = createDeliver(outbound, sealing, () => new Date())
  const dispatcher = createDispatcher({
    queue: createQueueStore(database, randomUUID(), deliveryLeaseSeconds),
    deliver,
    schedule: config.WEBHOOK_RETRY_SECONDS,
    random: Math.random,
    log,
  })
  closing.add('webhook deliveries', dispatcher.close, 12_000)

  const databaseSession = openDatabaseSession({
    url: databaseUrl,
    log,
    channels: [ledgerChannel, ...Object.keys(listeners)],
    onNotification: (channel, payload) => {
      if (channel !== ledgerChannel) return listeners[channel]?.(payload)
      eventStreams.wake()
      if (payload === '*') dispatcher.wakeAll()
      else for (const webhookId of payload.split(',')) if (webhookId) dispatcher.wake(webhookId)
    },
    onListening: () => {
      eventStreams.wake()
      dispatcher.wakeAll()
      reconciler.wake()
      for (const listener of Object.values(listeners)) listener('*')
    },
  })
  closing.add('database session', databaseSession.close)

  const processor = createInboxProcessor({
    database,
    ledger,
    tracker: sessions,
    log,
    onObserved: (observations) => inspectJoined(observations, inspect, log),
  })
  closing.add('inbox', processor.close)
  const reconciler = createReconciler({
    database,
    ledger,
    livekit,
    tracker: sessions,
    drainInbox: processor.drain,
    leads: () => databaseSession.lead('rtcstack reconciler'),
    log,
  })
  closing.add('reconciler', reconciler.close, 7000)

  const letters = createBatching<Letter, void>(async (some) => {
    await keepLetters(database, some)
    return []
  })
  return {
    ledger,
    sessions,
    eventStreams,
    inbox: { keep: letters, onKept: processor.wake },
    webhooks: createWebhookService({ store: webhookStore, sealing, outbound, deliver }),
    deliveryLog: createDeliveryLog(database),
  }
}

/** Who joins with a void token is removed, whoever lets it in. */
function inspectJoined(observations: Observation[], inspect: BanEnforcement['inspect'], log: Logger): void {
  for (const observation of observations)
    if (observation.kind === 'participant-joined' && !observation.helper)
      inspect(observation.room.name, observation.participant).catch((error) =>
        log.warn({ err: error }, 'a participant who joined is judged by the next sweep'),
      )
}
