import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { registerFeatures } from './app.ts'
import { type BanEnforcement, createBanEnforcement } from './bans/enforcement.ts'
import { createBanService } from './bans/service.ts'
import { createBanStore } from './bans/store.ts'
import { type Closing, createClosing } from './closing.ts'
import { type Config, webhookNetworks } from './config.ts'
import { isDatabaseAway } from './database/away.ts'
import { createBatching } from './database/batching.ts'
import { type Database, openDatabase } from './database/database.ts'
import { createExclusiveLock } from './database/exclusive.ts'
import { startHousekeeping } from './database/housekeeping.ts'
import { migrateWhenThere } from './database/migrate.ts'
import { openDatabaseSession } from './database/session.ts'
import { chooseDatabase, chooseLiveKit } from './drivers.ts'
import { createLedger, ledgerChannel } from './events/ledger.ts'
import { endOfLedger, forgetEvents, readEvents } from './events/store.ts'
import { createEventStreams } from './events/stream.ts'
import { createHealthService } from './health/service.ts'
import { forgetExpiredKeys } from './http/idempotency-store.ts'
import { problems } from './http/problem.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { createInboxProcessor } from './inbox/processor.ts'
import { forgetLetters, keepLetters, type Letter } from './inbox/store.ts'
import { createLiveKit, type LiveKit } from './livekit/client.ts'
import { createOutbound } from './outbound/outbound.ts'
import { createParticipantService } from './participants/service.ts'
import { readOrCreateSecret } from './process/data-directory.ts'
import { createRoomService } from './rooms/service.ts'
import { createSealing } from './secrets/sealing.ts'
import type { Observation } from './sessions/observation.ts'
import { createReconciler } from './sessions/reconciler.ts'
import { createSessionTracker } from './sessions/tracker.ts'
import { createTokenService } from './tokens/service.ts'
import { createDeliver } from './webhooks/deliver.ts'
import { createDispatcher } from './webhooks/dispatcher.ts'
import { createDeliveryLog } from './webhooks/log-store.ts'
import { createQueueStore, queueDeliveries } from './webhooks/queue-store.ts'
import { createWebhookService } from './webhooks/service.ts'
import { createWebhookStore } from './webhooks/store.ts'

/** Longer than the 15 s that a delivery may take. */
const deliveryLeaseSeconds = 30

export interface ComposeOptions {
  config: Config
  dataDirectory: string
  version: string
  log: Logger
  /** Aborts what is under way when the process is told to end while starting. */
  signal: AbortSignal
}

/** The whole server, started but not yet listening. */
export interface Composition {
  app: HttpServer
  /** Stops taking requests, then closes everything in reverse. */
  close(): Promise<void>
}

/** Makes every part and gives each what it needs: the table of contents of the process. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const closing = createClosing(options.log)
  try {
    return await start(options, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function start(
  { config, dataDirectory, version, log, signal }: ComposeOptions,
  closing: Closing,
): Promise<Composition> {
  const [databaseDriver, livekitDriver] = await startDrivers({ config, dataDirectory, log, signal }, closing)
  log.info({ driver: databaseDriver.name }, 'database')
  log.info({ driver: livekitDriver.name }, 'media server')

  await migrateWhenThere(databaseDriver.url, log, signal)
  const database = openDatabase(databaseDriver.url, log)
  closing.add('database pool', () => database.destroy())
  const apiKeys =
    config.API_SECRET.length > 0 ? config.API_SECRET : [await readOrCreateSecret(dataDirectory, 'api-secret')]

  const livekit = createLiveKit(livekitDriver)
  const banStore = createBanStore(database)
  const bans = createBanService({ store: banStore, now: () => new Date() })
  const enforcement = createBanEnforcement({ bans, store: banStore, livekit, log })
  closing.add('ban enforcement', () => enforcement.close())
  const secretsKeys =
    config.SECRETS_KEY.length > 0
      ? config.SECRETS_KEY
      : [await readOrCreateSecret(dataDirectory, 'secrets-key')]
  const events = startEvents(
    { config, database, databaseUrl: databaseDriver.url, livekit, secretsKeys, enforcement, log },
    closing,
  )
  const housekeeping = startHousekeeping(
    [
      () => forgetExpiredKeys(database),
      () => forgetLetters(database),
      () => events.deliveryLog.forget(),
      () => events.deliveryLog.forgetDeleted(),
      () => forgetEvents(database),
    ],
    log,
  )
  closing.add('housekeeping', housekeeping.close)

  const health = createHealthService({
    checks: [
      { name: 'database', driver: databaseDriver.name, probe: () => sql`select 1`.execute(database) },
      { name: 'livekit', driver: livekitDriver.name, probe: () => livekit.listRooms(['rtcstack-probe']) },
    ],
    draining: () => closing.draining,
    now: Date.now,
  })
  const app = await createHttpServer({
    config,
    log,
    draining: () => closing.draining,
    translate: (error) => (isDatabaseAway(error) ? problems.databaseUnavailable(error) : undefined),
  })
  await registerFeatures(app, {
    config,
    version,
    apiKeys,
    database,
    livekit: livekitDriver,
    ...events,
    health,
    tokens: createTokenService({ ...livekitDriver, bans }),
    rooms: createRoomService({
      livekit,
      exclusive: createExclusiveLock(database),
      sessions: events.sessions,
    }),
    participants: createParticipantService({ livekit, bans, sessions: events.sessions }),
  })
  closing.add('HTTP server', () => app.close(), 6000)
  closing.add('event streams', events.eventStreams.close)
  return { app, close: () => closing.close() }
}

/** Both start at once. When one fails, the other is given up or closed again. */
async function startDrivers(given: Parameters<typeof chooseLiveKit>[0], closing: Closing) {
  const failing = new AbortController()
  const options = { ...given, signal: AbortSignal.any([given.signal, failing.signal]) }
  const giveUpOther = (error: unknown): never => {
    failing.abort(error)
    throw failing.signal.reason
  }
  const results = await Promise.allSettled([
    chooseDatabase(options).catch(giveUpOther),
    chooseLiveKit(options).catch(giveUpOther),
  ])
  const [database, livekit] = results
  if (database.status === 'fulfilled') closing.add(database.value.name, () => database.value.close(), 10_000)
  if (livekit.status === 'fulfilled') closing.add(livekit.value.name, () => livekit.value.close(), 10_000)
  if (database.status === 'rejected') throw database.reason
  if (livekit.status === 'rejected') throw livekit.reason
  return [database.value, livekit.value] as const
}

interface EventParts {
  config: Config
  database: Database
  databaseUrl: string
  livekit: LiveKit
  secretsKeys: readonly string[]
  enforcement: Pick<BanEnforcement, 'inspect'>
  log: Logger
}

/** The ledger, what fills it, and what goes out from it. */
function startEvents(
  { config, database, databaseUrl, livekit, secretsKeys, enforcement, log }: EventParts,
  closing: Closing,
) {
  const ledger = createLedger(database, queueDeliveries)
  const sessions = createSessionTracker(database, ledger)
  const eventStreams = createEventStreams({
    read: (after, filter, limit) => readEvents(database, after, filter, limit),
    end: () => endOfLedger(database),
    log,
  })

  const sealing = createSealing(secretsKeys)
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
    channels: [ledgerChannel],
    onNotification: (_channel, payload) => {
      eventStreams.wake()
      if (payload === '*') dispatcher.wakeAll()
      else for (const webhookId of payload.split(',')) if (webhookId) dispatcher.wake(webhookId)
    },
    onListening: () => {
      eventStreams.wake()
      dispatcher.wakeAll()
      reconciler.wake()
    },
  })
  closing.add('database session', databaseSession.close)

  const processor = createInboxProcessor({
    database,
    ledger,
    tracker: sessions,
    log,
    onObserved: (observations) => inspectJoined(observations, enforcement, log),
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
  const webhookStore = createWebhookStore(database)
  return {
    sessions,
    eventStreams,
    inbox: { keep: letters, onKept: processor.wake },
    webhooks: createWebhookService({ store: webhookStore, sealing, outbound, deliver }),
    deliveryLog: createDeliveryLog(database),
  }
}

/** Who joins with a void token is removed, whoever lets it in. */
function inspectJoined(
  observations: Observation[],
  { inspect }: Pick<BanEnforcement, 'inspect'>,
  log: Logger,
): void {
  for (const observation of observations)
    if (observation.kind === 'participant-joined' && !observation.helper)
      inspect(observation.room.name, observation.participant).catch((error) =>
        log.warn({ err: error }, 'a participant who joined is judged by the next sweep'),
      )
}
