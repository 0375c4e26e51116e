import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Audit } from './audit/audit.ts'
import type { Closing } from './closing.ts'
import { type RecorderParts, startCapture, startEgress } from './compose-recorders.ts'
import type { Config } from './config.ts'
import { createRecordingBells } from './recordings/bell.ts'
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
import type { RecordingWorker } from './recordings/worker.ts'
import { announceWorker } from './workers/presence.ts'

interface RecordingParts extends RecorderParts {
  audit: Audit
  /** Resolves when ffmpeg is there. */
  mediaTools: Promise<void>
}

/** What processes tell each other of recordings, heard from before the workers are there. */
export function createRecordingListeners() {
  const bells = createRecordingBells()
  const workers: { recorder?: RecordingWorker; render?: RenderWorker } = {}
  return {
    bells,
    workers,
    listeners: {
      [recordingsChannel]: (id: string) => {
        bells.ring(id === '*' ? undefined : id)
        workers.recorder?.wake()
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
  const { config, dataDirectory, serverId, database, ledger, audit, livekit, blobs, log } = parts
  const store = createRecordingStore(database)
  const renders = createRenderQueue(database, store)

  const recorder = config.RECORDER === 'capture' ? await startCapture(parts, closing) : startEgress(parts)
  workers.recorder = recorder
  closing.add('recorder', recorder.close, 12_000)

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
    capacity: recorder.capacity,
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
      canPause: config.RECORDER === 'capture',
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
