import type { Render, RenderRequest } from '@rtcstack/contract'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { problems } from '../http/problem.ts'
import { rendersChannel } from './channels.ts'
import { newId } from './id.ts'
import type { RecordingRow } from './row.ts'
import type { RecordingStore } from './store.ts'

const columns = sql`renders.recording_id as "recordingId", renders.name as "renderId", renders.state, renders.layout,
  renders.from_ms as "fromMs", renders.until_ms as "untilMs", renders.created_at as "createdAt", renders.progress,
  renders.size_bytes as "sizeBytes", renders.claimed_by as "claimedBy"`
const mostQueued = 100

/** What is asked to be rendered of recordings, beside their files. */
export function createRenderQueue(
  database: Database,
  recordings: Pick<RecordingStore, 'find' | 'findTracks'>,
) {
  return {
    async add(recordingId: string, request: RenderRequest): Promise<Render> {
      const row = await recordings.find(recordingId)
      if (!row) throw problems.recordingNotFound()
      const { fromMs, untilMs } = stretchOf(row, request)
      if ((await recordings.findTracks(recordingId)).length === 0)
        throw problems.conflict('The tracks of this recording are not kept any more')
      const layout = request.layout ?? row.picture.layout
      const { rows } = await sql<Row>`
        insert into renders (recording_id, name, kind, from_ms, until_ms, layout)
        select ${recordingId}, ${newId('RN')}, 'extra', ${fromMs}, ${untilMs}, ${layout}
        where (select count(*) from renders where kind = 'extra' and state = 'queued') < ${mostQueued}
        returning ${columns}, pg_notify(${rendersChannel}, '')`.execute(database)
      if (!rows[0]) throw problems.conflict(`${mostQueued} renders wait already: wait until some are made`)
      return toRender(rows[0])
    },

    async find(recordingId: string, renderId: string): Promise<Render | undefined> {
      const { rows } = await sql<Row>`
        select ${columns} from renders join recordings on id = recording_id
        where recording_id = ${recordingId} and name = ${renderId} and kind = 'extra' and deleted_at is null`.execute(
        database,
      )
      return rows[0] && toRender(rows[0])
    },
  }
}

export type RenderQueue = ReturnType<typeof createRenderQueue>

/** The stretch that is asked for, within the recording. */
function stretchOf({ capturedAt, durationMs }: RecordingRow, request: RenderRequest) {
  if (!capturedAt || durationMs === null)
    throw problems.conflict('The recording still goes on, or nothing of it was kept')
  const { fromMs = 0, untilMs = durationMs } = request
  if (fromMs >= durationMs)
    throw problems.invalid([{ pointer: '#/fromMs', detail: `must be below ${durationMs}, where it ends` }])
  if (untilMs <= fromMs) throw problems.invalid([{ pointer: '#/untilMs', detail: 'must be beyond fromMs' }])
  return { fromMs, untilMs: Math.min(untilMs, durationMs) }
}

interface Row {
  recordingId: string
  renderId: string
  state: 'queued' | 'done' | 'failed'
  layout: string
  fromMs: string
  untilMs: string
  createdAt: Date
  progress: number
  sizeBytes: string | null
  claimedBy: string | null
}

const toRender = ({ state, claimedBy, ...row }: Row): Render => ({
  renderId: row.renderId,
  recordingId: row.recordingId,
  status: state === 'done' ? 'ready' : state === 'queued' && claimedBy !== null ? 'rendering' : state,
  progress: row.progress,
  layout: row.layout,
  fromMs: Number(row.fromMs),
  untilMs: Number(row.untilMs),
  createdAt: row.createdAt.toISOString(),
  sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
})
