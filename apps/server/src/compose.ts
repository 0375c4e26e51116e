import { sql } from 'kysely'
import type { Logger } from 'pino'
import { registerFeatures } from './app.ts'
import { createAudit } from './audit/audit.ts'
import { createBanEnforcement } from './bans/enforcement.ts'
import { createBanService } from './bans/service.ts'
import { createBanStore } from './bans/store.ts'
import { problemOfBlobs } from './blobs/problem.ts'
import { type Closing, createClosing } from './closing.ts'
import { startEvents } from './compose-events.ts'
import { createIngressParts, startIngress } from './compose-ingress.ts'
import { createRecordingListeners, startRecordings } from './compose-recordings.ts'
import type { Config } from './config.ts'
import { isDatabaseAway } from './database/away.ts'
import { openDatabase } from './database/database.ts'
import { createExclusiveLock } from './database/exclusive.ts'
import { startHousekeeping } from './database/housekeeping.ts'
import { migrateWhenThere } from './database/migrate.ts'
import { chooseBlobStore, chooseDatabase, chooseLiveKit } from './drivers.ts'
import { forgetEvents } from './events/store.ts'
import { createHealthService } from './health/service.ts'
import { forgetExpiredKeys } from './http/idempotency-store.ts'
import { problems } from './http/problem.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { forgetLetters } from './inbox/store.ts'
import { forgetIngresses } from './ingress/store.ts'
import { createLiveKit } from './livekit/client.ts'
import { watchMediaTools } from './media-tools/availability.ts'
import { createParticipantService } from './participants/service.ts'
import { readOrCreateSecret, readSecret } from './process/data-directory.ts'
import { storedAtOnce } from './recordings/retention.ts'
import { createRoomService } from './rooms/service.ts'
import { createSealing } from './secrets/sealing.ts'
import { forgetSessions } from './sessions/store.ts'
import { createTokenService } from './tokens/service.ts'
import { createWebhookRetention } from './webhooks/retention.ts'
import { forgetWorkers } from './workers/presence.ts'

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
  const [databaseDriver, livekitDriver, blobDriver] = await startDrivers(
    { config, dataDirectory, log, signal },
    closing,
  )
  log.info({ driver: databaseDriver.name }, 'database')
  log.info({ driver: livekitDriver.name }, 'media server')
  log.info({ driver: blobDriver.name }, 'store of recordings')

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
  const sealing = createSealing(await findSecretsKeys(config, dataDirectory, log))
  const ingressParts = createIngressParts({ database, livekit, log }, closing)
  const listening = createRecordingListeners()
  const { listeners } = listening
  const events = await startEvents(
    {
      config,
      database,
      databaseUrl: databaseDriver.url,
      livekit,
      sealing,
      inspect: async (room, participant) => {
        await Promise.all([
          enforcement.inspect(room, participant),
          ingressParts.cutting.inspect(room, participant),
        ])
      },
      listeners,
      log,
    },
    closing,
  )
  const ingress = await startIngress(
    {
      config,
      database,
      ...ingressParts,
      bans,
      sealing,
      livekit,
      livekitServer: livekitDriver,
      sessions: events.sessions,
      log,
    },
    closing,
  )
  const audit = createAudit(database)
  const mediaTools = watchMediaTools({ log, signal })
  const recordings = await startRecordings(
    {
      config,
      dataDirectory,
      serverId: await readOrCreateSecret(dataDirectory, 'server-id'),
      database,
      ledger: events.ledger,
      audit,
      livekit,
      livekitServer: livekitDriver,
      blobs: blobDriver.store,
      mediaTools: mediaTools.ready,
      log,
    },
    listening,
    closing,
  )
  const retention = createWebhookRetention(database)
  const sessionDays = config.SESSION_RETENTION_DAYS
  const housekeeping = startHousekeeping(
    [
      () => forgetExpiredKeys(database),
      () => forgetLetters(database),
      retention.forgetDeliveries,
      retention.forgetDeleted,
      retention.forgetOldSecrets,
      () => forgetEvents(database),
      recordings.retention.forgetRecordings,
      recordings.retention.forgetUnclaimed,
      recordings.retention.forgetFinishedRenders,
      () => forgetWorkers(database),
      () => forgetIngresses(database),
      async () => (sessionDays > 0 ? forgetSessions(database, sessionDays) : 0),
    ],
    log,
  )
  closing.add('housekeeping', housekeeping.close)
  // Apart, since a store that is slow would hold up the others.
  const { forgetTracks, forgetExtraRenders } = recordings.retention
  const storekeeping = startHousekeeping([forgetTracks, forgetExtraRenders], log, storedAtOnce)
  closing.add('housekeeping of the store', storekeeping.close)

  const health = createHealthService({
    checks: [
      { name: 'database', driver: databaseDriver.name, probe: () => sql`select 1`.execute(database) },
      { name: 'livekit', driver: livekitDriver.name, probe: () => livekit.listRooms(['rtcstack-probe']) },
      {
        name: 'storage',
        driver: blobDriver.name,
        probe: blobDriver.availability.probe,
        describe: blobDriver.describe,
        degrades: true,
      },
      {
        name: 'rendering',
        driver: 'ffmpeg',
        probe: mediaTools.probe,
        describe: mediaTools.describe,
        degrades: true,
      },
    ],
    draining: () => closing.draining,
    now: Date.now,
  })
  const app = await createHttpServer({
    config,
    log,
    draining: () => closing.draining,
    translate: (error) =>
      isDatabaseAway(error) ? problems.databaseUnavailable(error) : problemOfBlobs(error),
  })
  await registerFeatures(app, {
    config,
    version,
    apiKeys,
    database,
    audit,
    livekit: livekitDriver,
    recordings,
    ...ingress,
    ...events,
    health,
    blobsOnDisk: blobDriver.disk,
    tokens: createTokenService({ ...livekitDriver, bans }),
    rooms: createRoomService({
      livekit,
      exclusive: createExclusiveLock(database),
      sessions: events.sessions,
      onRemoved: recordings.recordings.roomRemoved,
    }),
    participants: createParticipantService({ livekit, bans, sessions: events.sessions }),
  })
  closing.add('HTTP server', () => app.close(), 6000)
  closing.add('event streams', events.eventStreams.close)
  return { app, close: () => closing.close() }
}

/** All start at once. When one fails, the others are given up or closed again. */
async function startDrivers(given: Parameters<typeof chooseLiveKit>[0], closing: Closing) {
  const failing = new AbortController()
  const options = { ...given, signal: AbortSignal.any([given.signal, failing.signal]) }
  const giveUpOthers = (error: unknown): never => {
    failing.abort(error)
    throw failing.signal.reason
  }
  const results = await Promise.allSettled([
    chooseDatabase(options).catch(giveUpOthers),
    chooseLiveKit(options).catch(giveUpOthers),
    chooseBlobStore(options).catch(giveUpOthers),
  ])
  const [database, livekit, blobs] = results
  if (database.status === 'fulfilled') closing.add(database.value.name, () => database.value.close(), 10_000)
  if (livekit.status === 'fulfilled') closing.add(livekit.value.name, () => livekit.value.close(), 10_000)
  if (blobs.status === 'fulfilled') closing.add('store of recordings', () => blobs.value.close())
  if (database.status === 'rejected') throw database.reason
  if (livekit.status === 'rejected') throw livekit.reason
  if (blobs.status === 'rejected') throw blobs.reason
  return [database.value, livekit.value, blobs.value] as const
}

/** Keys that secrets are sealed with, newest first: also the one that was made while SECRETS_KEY was not set. */
async function findSecretsKeys(config: Config, dataDirectory: string, log: Logger): Promise<string[]> {
  if (config.SECRETS_KEY.length === 0 && config.DATABASE_URL)
    log.warn('several servers on one database need the same SECRETS_KEY: this one made its own')
  if (config.SECRETS_KEY.length === 0) return [await readOrCreateSecret(dataDirectory, 'secrets-key')]
  const made = await readSecret(dataDirectory, 'secrets-key')
  return made ? [...config.SECRETS_KEY, made] : [...config.SECRETS_KEY]
}
