import type { Logger } from 'pino'
import { type Config, isLoopback, localOrigin } from './config.ts'
import { startManagedPostgres } from './database/managed.ts'
import { webhookPath } from './inbox/routes.ts'
import { findLiveKitServer } from './livekit/binary/find.ts'
import { startManagedLiveKit } from './livekit/managed.ts'
import { readOrCreateSecret } from './process/data-directory.ts'

interface DriverOptions {
  config: Config
  dataDirectory: string
  log: Logger
  signal: AbortSignal
}

/** A database to use, and how to let it go. */
export interface DatabaseDriver {
  name: string
  url: string
  close(): Promise<void>
}

/** The PostgreSQL of DATABASE_URL, or one that is ours. */
export async function chooseDatabase({
  config,
  dataDirectory,
  log,
  signal,
}: DriverOptions): Promise<DatabaseDriver> {
  if (config.DATABASE_URL)
    return { name: 'PostgreSQL at DATABASE_URL', url: config.DATABASE_URL, close: async () => {} }
  const postgres = await startManagedPostgres({ dataDirectory, log, signal })
  return { name: 'managed PostgreSQL', url: postgres.url, close: () => postgres.close() }
}

/** A LiveKit to use, and how to let it go. */
export interface LiveKitDriver {
  name: string
  url: string
  apiKey: string
  apiSecret: string
  close(): Promise<void>
}

/** The LiveKit of LIVEKIT_URL, or one that is ours. */
export async function chooseLiveKit({
  config,
  dataDirectory,
  log,
  signal,
}: DriverOptions): Promise<LiveKitDriver> {
  const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = config
  if (LIVEKIT_URL) {
    const keys = { apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET }
    return { name: 'LiveKit at LIVEKIT_URL', url: LIVEKIT_URL, ...keys, close: async () => {} }
  }
  const keys =
    LIVEKIT_API_KEY && LIVEKIT_API_SECRET
      ? { apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET }
      : { apiKey: 'rtcstack', apiSecret: await readOrCreateSecret(dataDirectory, 'livekit-secret') }
  const livekit = await startManagedLiveKit({
    binary: await findLiveKitServer({ log, signal }),
    dataDirectory,
    udpPort: config.LIVEKIT_UDP_PORT,
    publicHost: !isLoopback(config.HOST),
    nodeIp: config.LIVEKIT_NODE_IP || undefined,
    webhookUrl: `${localOrigin(config)}${webhookPath}`,
    ...keys,
    log,
    signal,
  })
  return { name: 'managed livekit-server', url: livekit.url, ...keys, close: () => livekit.close() }
}
