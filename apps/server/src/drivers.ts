import { join } from 'node:path'
import { type BlobStore, createDiskBlobStore, type DiskBlobStore, type Retry } from '@rtcstack/blobs'
import type { Logger } from 'pino'
import { type BlobAvailability, watchBlobs } from './blobs/availability.ts'
import { describeBlobFault } from './blobs/fault.ts'
import { type Config, isLoopback, localOrigin } from './config.ts'
import { startManagedPostgres } from './database/managed.ts'
import { webhookPath } from './inbox/routes.ts'
import { findLiveKitServer } from './livekit/binary/find.ts'
import { startManagedLiveKit } from './livekit/managed.ts'
import { readOrCreateSecret } from './process/data-directory.ts'
import { ConfigError } from './setting-kinds.ts'

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

/** A store of blobs to use, and how to let it go. */
export interface BlobStoreDriver {
  name: string
  store: BlobStore
  /** The same store where this server serves its links. */
  disk: DiskBlobStore | undefined
  availability: BlobAvailability
  /** What is wrong with the store, for anyone: without the place. */
  describe(error: unknown): string
  close(): Promise<void>
}

/** The S3 server of MINIO_ENDPOINT, or a folder of ours. It is being made ready from here on, which nobody waits for. */
export async function chooseBlobStore(options: DriverOptions): Promise<BlobStoreDriver> {
  if (options.config.MINIO_ENDPOINT)
    return blobStoreDriver('S3 at MINIO_ENDPOINT', await openS3(options), undefined, options)
  if (options.config.DATABASE_URL)
    options.log.warn(
      'several servers on one database need the same MINIO_ENDPOINT: this one keeps recordings on its own disk',
    )
  const directory = join(options.dataDirectory, 'blobs')
  const signingKey = Buffer.from(await readOrCreateSecret(options.dataDirectory, 'links-key'), 'base64url')
  const disk = createDiskBlobStore({ directory, signingKey })
  const driver = blobStoreDriver('disk', disk, disk, options)
  // This takes a moment only, and then what is asked for finds its folders.
  await driver.availability.tried
  return driver
}

/** The client is loaded here, as those who keep blobs on disk should not pay for it. */
async function openS3({ config, log }: DriverOptions): Promise<BlobStore> {
  const { createS3BlobStore } = await import('@rtcstack/blobs/s3')
  try {
    const settings = {
      endpoint: config.MINIO_ENDPOINT,
      publicEndpoint: config.MINIO_PUBLIC_ENDPOINT || undefined,
      bucket: config.MINIO_BUCKET,
      accessKey: config.MINIO_ACCESS_KEY,
      secretKey: config.MINIO_SECRET_KEY,
      region: config.MINIO_REGION,
    }
    return createS3BlobStore(settings, { onRetry: tellLongWaits(log) })
  } catch (error) {
    throw new ConfigError(describeBlobFault(error))
  }
}

/** Uploads wait for a server that is away, which is told of; what gives up sooner is told of where it fails. */
const tellLongWaits = (log: Logger) => (retry: Retry) => {
  if (retry.failures >= 5)
    log.warn(
      { reason: describeBlobFault(retry.error), failures: retry.failures },
      'something waits for the store of recordings',
    )
}

function blobStoreDriver(
  name: string,
  store: BlobStore,
  disk: DiskBlobStore | undefined,
  { dataDirectory, log }: DriverOptions,
): BlobStoreDriver {
  const availability = watchBlobs({ store, describe: describeBlobFault, log })
  const describe = (error: unknown) =>
    describeBlobFault(error).replaceAll(store.name, name).replaceAll(dataDirectory, 'DATA_DIR')
  return { name, store, disk, availability, describe, close: async () => availability.close() }
}
