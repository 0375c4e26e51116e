import type { RecordingEndReason, RecordingError, RecordingStatus } from '@rtcstack/contract'
import { type Selectable, sql } from 'kysely'
import type { Picture, Tables } from '../database/tables.ts'

/** A recording as it is kept. Times are milliseconds from its start, except for instants. */
export interface RecordingRow {
  id: string
  room: string
  state: RecordingStatus
  createdAt: Date
  startedAt: Date | null
  stoppedAt: Date | null
  endedAt: Date | null
  wantsPause: boolean
  isPaused: boolean
  endReason: RecordingEndReason | null
  error: RecordingError | null
  durationMs: number | null
  progress: number
  bucket: string
  picture: Picture
  key: string | null
  sizeBytes: number | null
  capturedAt: Date | null
  /** Of LiveKit's Egress, where that records it. */
  engineId: string | null
}

/** The columns of a row, without its tracks. */
export const columns = [
  'id',
  'room',
  'state',
  'created_at',
  'started_at',
  'stopped_at',
  'ended_at',
  'wants_pause',
  'is_paused',
  'end_reason',
  'error',
  'duration_ms',
  'progress',
  'bucket',
  'picture',
  'key',
  'size_bytes',
  'captured_at',
  'engine_id',
] as const

/** The same in SQL, of the table that is named so. */
export const selected = sql.join(columns.map((column) => sql.ref(`recordings.${column}`)))

export const toRow = (
  row: Pick<Selectable<Tables['recordings']>, (typeof columns)[number]>,
): RecordingRow => ({
  id: row.id,
  room: row.room,
  state: row.state,
  createdAt: row.created_at,
  startedAt: row.started_at,
  stoppedAt: row.stopped_at,
  endedAt: row.ended_at,
  wantsPause: row.wants_pause,
  isPaused: row.is_paused,
  endReason: row.end_reason,
  error: row.error,
  durationMs: toNumber(row.duration_ms),
  progress: row.progress,
  bucket: row.bucket,
  picture: row.picture,
  key: row.key,
  sizeBytes: toNumber(row.size_bytes),
  capturedAt: row.captured_at,
  engineId: row.engine_id,
})

// PostgreSQL's bigint comes as a text.
const toNumber = (text: string | null) => (text === null ? null : Number(text))
