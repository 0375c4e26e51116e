import type { Recording, RecordingDetail } from '@rtcstack/contract'
import { problems } from '../http/problem.ts'
import type { RecordingRow } from './row.ts'
import type { RecordingFilter, RecordingStore } from './store.ts'

/** Recordings, past and present, as the API shows them. */
export function createRecordingCatalogue(
  store: Pick<RecordingStore, 'find' | 'list' | 'findTracks' | 'findParts'>,
) {
  return {
    list: async (filter: RecordingFilter, limit: number): Promise<Recording[]> =>
      (await store.list(filter, limit)).map(toRecording),

    async get(id: string): Promise<RecordingDetail> {
      const row = await store.find(id)
      if (!row) throw problems.recordingNotFound()
      const [parts, tracks] = await Promise.all([store.findParts(id), store.findTracks(id)])
      return { ...toRecording(row), parts, tracks }
    },
  }
}

export type RecordingCatalogue = ReturnType<typeof createRecordingCatalogue>

const toRecording = (row: RecordingRow): Recording => ({
  recordingId: row.id,
  egressId: row.id,
  roomId: row.room,
  status: row.state,
  isPaused: row.isPaused,
  createdAt: row.createdAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
  durationMs: row.durationMs ?? soFarMs(row),
  progress: Math.round(row.progress * 1000) / 1000,
  bucket: row.bucket,
  key: row.key,
  sizeBytes: row.sizeBytes,
  endReason: row.endReason,
  error: row.error,
})

/** While it is recorded, nobody writes down each second of it. */
const soFarMs = ({ state, startedAt }: RecordingRow) =>
  state === 'recording' && startedAt ? Math.max(0, Date.now() - startedAt.getTime()) : null
