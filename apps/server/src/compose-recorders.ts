import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { BlobStore } from '@rtcstack/blobs'
import type { Logger } from 'pino'
import type { Closing } from './closing.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { Ledger } from './events/ledger.ts'
import type { LiveKit, LiveKitOptions } from './livekit/client.ts'
import { createRecorders } from './recordings/capture/recorders.ts'
import { createCaptureStore } from './recordings/capture/store.ts'
import { createRecorderTokens } from './recordings/capture/token.ts'
import { startCaptureWorker } from './recordings/capture/worker.ts'
import { createEgressEngine } from './recordings/egress/engine.ts'
import { createEgressStore } from './recordings/egress/store.ts'
import { startEgressWorker } from './recordings/egress/worker.ts'
import type { RecordingWorker } from './recordings/worker.ts'

/** What both drivers are given. */
export interface RecorderParts {
  config: Config
  dataDirectory: string
  /** Of this DATA_DIR: the same after a restart. */
  serverId: string
  database: Database
  ledger: Ledger
  livekit: LiveKit
  livekitServer: LiveKitOptions
  blobs: BlobStore
  log: Logger
}

/** `RECORDER=capture`: rooms are recorded by processes of ours, and rendered afterwards. */
export async function startCapture(parts: RecorderParts, closing: Closing): Promise<RecordingWorker> {
  const { config, dataDirectory, serverId, database, ledger, livekit, livekitServer, blobs, log } = parts
  const recorders = createRecorders(log)
  closing.add('recorders', recorders.close)
  return startCaptureWorker({
    directory: join(dataDirectory, 'recordings'),
    url: livekitServer.url,
    token: createRecorderTokens(livekitServer),
    roomExists: async (room) => (await livekit.listRooms([room])).length > 0,
    recorders,
    blobs,
    store: createCaptureStore(database, ledger, serverId),
    limits: limitsOf(config),
    maxCaptures: config.RECORDING_MAX_CAPTURES || 10 * availableParallelism(),
    minFreeBytes: config.RECORDING_MIN_FREE_MB * 2 ** 20,
    log,
  })
}

/** How many are followed at once where no number is set: LiveKit's Egress says itself when it takes no more. */
const mostEgresses = 1_000

/** `RECORDER=livekit-egress`: rooms are recorded and encoded by LiveKit's Egress service, which is the operator's. */
export function startEgress(parts: RecorderParts): RecordingWorker {
  const { config, serverId, database, ledger, livekit, livekitServer, blobs, log } = parts
  return startEgressWorker({
    engine: createEgressEngine(livekitServer, {
      endpoint: config.MINIO_ENDPOINT,
      bucket: config.MINIO_BUCKET,
      accessKey: config.MINIO_ACCESS_KEY,
      secret: config.MINIO_SECRET_KEY,
      region: config.MINIO_REGION,
    }),
    store: createEgressStore(database, ledger, serverId),
    blobs,
    countPeople: async (room) => (await livekit.listParticipants(room)).length,
    limits: limitsOf(config),
    maxRecordings: config.RECORDING_MAX_CAPTURES || mostEgresses,
    log,
  })
}

const limitsOf = (config: Config) => ({
  maxMinutes: config.RECORDING_MAX_MINUTES,
  emptyRoomSeconds: config.RECORDING_EMPTY_ROOM_SECONDS,
})
