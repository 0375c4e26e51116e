import type { ParticipantInfo } from '@rtcstack/contract'
import { sql } from 'kysely'
import type { WebhookEvent } from 'livekit-server-sdk'
import type { Logger } from 'pino'
import { registerFeatures } from './app.ts'
import { createBanEnforcement } from './bans/enforcement.ts'
import { createBanService } from './bans/service.ts'
import { createBanStore } from './bans/store.ts'
import { type Closing, createClosing } from './closing.ts'
import type { Config } from './config.ts'
import { isDatabaseAway } from './database/away.ts'
import { openDatabase } from './database/database.ts'
import { createExclusiveLock } from './database/exclusive.ts'
import { migrateWhenThere } from './database/migrate.ts'
import { chooseDatabase, chooseLiveKit } from './drivers.ts'
import { createHealthService } from './health/service.ts'
import { forgetExpiredKeys } from './http/idempotency-store.ts'
import { problems } from './http/problem.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { createLiveKit } from './livekit/client.ts'
import { isHelper, toParticipant } from './livekit/convert.ts'
import { createParticipantService } from './participants/service.ts'
import { readOrCreateSecret } from './process/data-directory.ts'
import { createRoomService } from './rooms/service.ts'
import { createTokenService } from './tokens/service.ts'

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
  const housekeeping = setInterval(() => forgetExpiredKeys(database).catch(() => undefined), 600_000)
  closing.add('housekeeping', async () => clearInterval(housekeeping))

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
    onLiveKitEvent: (event) => inspectJoined(event, enforcement.inspect),
    health,
    tokens: createTokenService({ ...livekitDriver, bans }),
    rooms: createRoomService({ livekit, exclusive: createExclusiveLock(database) }),
    participants: createParticipantService({ livekit, bans }),
  })
  closing.add('HTTP server', () => app.close(), 6000)
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

type Inspect = (room: string, participant: ParticipantInfo) => Promise<void>

async function inspectJoined(event: WebhookEvent, inspect: Inspect): Promise<void> {
  const { room, participant } = event
  if (event.event === 'participant_joined' && room && participant && !isHelper(participant))
    await inspect(room.name, toParticipant(participant))
}
