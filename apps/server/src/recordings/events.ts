import type { EventData } from '@rtcstack/contract'
import type { DraftEvent } from '../events/draft.ts'
import type { RecordingRow } from './row.ts'

/** The first media of a recording has been written. */
export const recordingStarted = ({
  id,
  room,
  startedAt,
}: RecordingRow & { startedAt: Date }): DraftEvent => ({
  id: `recording_started:${id}`,
  type: 'recording_started',
  room,
  at: startedAt,
  data: {
    egressId: id,
    roomId: room,
    status: 'recording',
    startedAt: startedAt.toISOString(),
  } satisfies EventData<'recording_started'>,
})

/** The file of a recording is in the store, or there will be none. */
export const recordingStopped = (row: RecordingRow, at: Date): DraftEvent => ({
  id: `recording_stopped:${row.id}`,
  type: 'recording_stopped',
  room: row.room,
  at,
  data: {
    egressId: row.id,
    roomId: row.room,
    status: row.state,
    startedAt: row.startedAt?.toISOString() ?? null,
    ...(row.endedAt && { endedAt: row.endedAt.toISOString() }),
    bucket: row.bucket,
    ...(row.key !== null && { key: row.key }),
    ...(row.sizeBytes !== null && { sizeBytes: row.sizeBytes }),
    ...(row.durationMs !== null && { durationMs: row.durationMs }),
    ...(row.error !== null && { error: row.error }),
  } satisfies EventData<'recording_stopped'>,
})
