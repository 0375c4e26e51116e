import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { BlobStore } from '@rtcstack/blobs'
import type { Logger } from 'pino'
import type { Audit } from './audit/audit.ts'
import type { Closing } from './closing.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { Ledger } from './events/ledger.ts'
import type { LiveKit, LiveKitOptions } from './livekit/client.ts'
import { createRecordingBells } from './recordings/bell.ts'
import { createRecorders } from './recordings/capture/recorders.ts'
import { createCaptureStore } from './recordings/capture/store.ts'
import { createRecorderTokens } from './recordings/capture/token.ts'
import { type CaptureWorker, startCaptureWorker } from './recordings/capture/worker.ts'
import { createRecordingCatalogue } from './recordings/catalogue.ts'
import { recordingsChannel, rendersChannel } from './recordings/channels.ts'
import { createRecordingFiles } from './recordings/files.ts'
import { startRecordingRemoval } from './recordings/removal.ts'
import { createRenderStore } from './recordings/render/store.ts'
import { createRenderWork } from './recordings/render/work.ts'
import { type RenderWorker, startRenderWorker } from './recordings/render/worker.ts'
import { createRenderQueue } from './recordings/render-queue.ts'
import { createRecordingRetention } from './recordings/retention.ts'
import { createRecordingService } from './recordings/service.ts'
import { createRecordingStore } from './recordings/store.ts'
import { announceWorker } from './workers/presence.ts'

interface RecordingParts {
  config: Config
  dataDirectory: string
  /** Of this DATA_DIR: the same after a restart. */
  serverId: string
  database: Database
  ledger: Ledger
  audit: Audit
  livekit: LiveKit
  livekitServer: LiveKitOptions
  blobs: BlobStore
  /** Resolves when ffmpeg is there. */
  mediaTools: Promise<void>
  log: Logger
}

/** What processes tell each other of recordings, heard from before the workers are there. */
export function createRecordingListeners() {
  const bells = createRecordingBells()
  const workers: { capture?: CaptureWorker; render?: RenderWorker } = {}
  return {
    bells,
    workers,
    listeners: {
      [recordingsChannel]: (id: string) => {
        bells.ring(id === '*' ? undefined : id)
        workers.capture?.wake()
      },
      [rendersChannel]: () => workers.render?.wake(),
    },
  }
}

/** Recordings from the request to the file: started, and closed in reverse by `closing`. */
export async function startRecordings(
  parts: RecordingParts,
  { bells, workers }: ReturnType<typeof createRecordingListeners>,
  closing: Closing,
) {
  const { config, dataDirectory, serverId, database, ledger, audit, livekit, livekitServer, blobs, log } =
    parts
  const store = createRecordingStore(database)
  const renders = createRenderQueue(database, store)

  const recorders = createRecorders(log)
  closing.add('recorders', recorders.close)
  const capture = await startCaptureWorker({
    directory: join(dataDirectory, 'recordings'),
    url: livekitServer.url,
    token: createRecorderTokens(livekitServer),
    roomExists: async (room) => (await livekit.listRooms([room])).length > 0,
    recorders,
    blobs,
    store: createCaptureStore(database, ledger, serverId),
    limits: {
      maxMinutes: config.RECORDING_MAX_MINUTES,
      emptyRoomSeconds: config.RECORDING_EMPTY_ROOM_SECONDS,
    },
    maxCaptures: config.RECORDING_MAX_CAPTURES || 10 * availableParallelism(),
    minFreeBytes: config.RECORDING_MIN_FREE_MB * 2 ** 20,
    log,
  })
  workers.capture = capture
  closing.add('captures', capture.close, 12_000)

  const processes = config.RENDER_CONCURRENCY || availableParallelism()
  // A renderer keeps two busy, and several of them hide each other's beginning and end.
  const concurrency = Math.min(2, processes)
  const renderStore = createRenderStore(database, ledger, serverId)
  const render = await startRenderWorker({
    store: renderStore,
    work: createRenderWork({ blobs, store: renderStore, concurrency, log }),
    directory: join(dataDirectory, 'rendering'),
    maxRenders: Math.max(1, Math.floor(processes / concurrency)),
    ready: parts.mediaTools,
    log,
  })
  workers.render = render
  closing.add('renders', render.close, 8_000)

  const presence = await announceWorker({
    database,
    id: serverId,
    role: 'record',
    capacity: capture.capacity,
    log,
  })
  closing.add('worker presence', presence.close)
  const removal = startRecordingRemoval({
    database,
    ledger,
    blobs,
    audit,
    claimant: `${serverId} removal`,
    log,
  })
  closing.add('removal of recordings', removal.close)

  return {
    recordings: createRecordingService({
      store,
      bells,
      livekit,
      bucket: config.MINIO_BUCKET,
      picture: pictureOf(config),
    }),
    catalogue: createRecordingCatalogue(store),
    files: createRecordingFiles({ store, renders, blobs, now: () => new Date() }),
    renders,
    removal,
    blobs,
    retention: createRecordingRetention({
      database,
      blobs,
      days: config.RECORDING_RETENTION_DAYS,
      tracksDays: config.RECORDING_TRACKS_RETENTION_DAYS,
    }),
  }
}

const pictureOf = (config: Config) => ({
  width: config.RENDER_WIDTH,
  height: config.RENDER_HEIGHT,
  fps: config.RENDER_FPS,
  crf: config.RENDER_CRF,
  layout: config.RENDER_LAYOUT,
})
