import type { RecordedTrack, RecordingPart, RecordingStatus } from '@rtcstack/contract'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Picture } from '../database/tables.ts'
import { hasFreshBeat } from '../workers/presence.ts'
import { recordingsChannel } from './channels.ts'
import { columns, type RecordingRow, toRow } from './row.ts'

/** A place in the list of recordings: everything after it is older. */
export interface RecordingPlace {
  createdAt: Date
  id: string
}

export interface RecordingFilter {
  roomId?: string
  status?: RecordingStatus
  /** The last one of the page before. */
  before?: RecordingPlace
}

/** Recordings as the API asks for and changes them. What has been deleted is not there. */
export function createRecordingStore(database: Database) {
  const existing = () => database.selectFrom('recordings').select(columns).where('deleted_at', 'is', null)
  const notify = (id: string) => sql`select pg_notify(${recordingsChannel}, ${id})`.execute(database)

  return {
    async find(id: string): Promise<RecordingRow | undefined> {
      const row = await existing().where('id', '=', id).executeTakeFirst()
      return row && toRow(row)
    },

    /** The recording of a room that runs, or begins to. */
    async findActive(room: string): Promise<RecordingRow | undefined> {
      const row = await existing()
        .where('room', '=', room)
        .where('state', 'in', ['starting', 'recording'])
        .executeTakeFirst()
      return row && toRow(row)
    },

    /** Newest first. */
    async list({ roomId, status, before }: RecordingFilter, limit: number): Promise<RecordingRow[]> {
      let query = existing()
      if (roomId !== undefined) query = query.where('room', '=', roomId)
      if (status !== undefined) query = query.where('state', '=', status)
      if (before) query = query.where(sql<boolean>`(created_at, id) < (${before.createdAt}, ${before.id})`)
      const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return rows.map(toRow)
    },

    async findTracks(id: string): Promise<RecordedTrack[]> {
      const row = await database
        .selectFrom('recordings')
        .select('tracks')
        .where('id', '=', id)
        .where('tracks_deleted_at', 'is', null)
        .executeTakeFirst()
      return row?.tracks ?? []
    },

    async findParts(id: string): Promise<RecordingPart[]> {
      const rows = await database
        .selectFrom('renders')
        .select(['from_ms', 'until_ms', 'state'])
        .where('recording_id', '=', id)
        .where('kind', '=', 'chunk')
        .orderBy('from_ms')
        .execute()
      const status = { queued: 'queued', done: 'rendered', failed: 'failed' } as const
      return rows.map((row) => ({
        fromMs: Number(row.from_ms),
        untilMs: Number(row.until_ms),
        status: status[row.state],
      }))
    },

    /** Whether a living recorder has a place for one more. */
    async hasCapacity(): Promise<boolean> {
      const { rows } = await sql`
        select from workers where role = 'record' and ${hasFreshBeat} and capacity > (
          select count(*) from recordings
          where claimed_by = workers.id and captured_at is null and state in ('starting', 'recording'))
        limit 1`.execute(database)
      return rows.length > 0
    },

    /** Begins a recording, unless the room has one; the database lets only one be. */
    async begin(id: string, room: string, bucket: string, picture: Picture): Promise<boolean> {
      const { rows } = await sql`
        insert into recordings (id, room, bucket, picture)
        values (${id}, ${room}, ${bucket}, ${JSON.stringify(picture)}::jsonb)
        on conflict (room) where state in ('starting', 'recording') and deleted_at is null do nothing
        returning id`.execute(database)
      if (rows.length > 0) await notify(id)
      return rows.length > 0
    },

    /**
     * Gives up one that has not started within a time: forgotten when nobody has claimed it, and failed otherwise. False
     * when it has started, or has time left.
     */
    async giveUp(id: string, limitMs: number): Promise<boolean> {
      const isLate = sql`id = ${id} and state = 'starting' and created_at <= now() - make_interval(secs => ${limitMs / 1000})`
      const forgotten = await sql`
        delete from recordings where ${isLate} and claimed_by is null returning id`.execute(database)
      const failed = await sql`
        update recordings set state = 'failed', error = 'recorder-failed', ended_at = now()
        where ${isLate} returning id`.execute(database)
      const isGivenUp = forgotten.rows.length + failed.rows.length > 0
      if (isGivenUp) await notify(id)
      return isGivenUp
    },

    /** Stops the recording of a room; from the commit on the room may have another one. */
    async stop(id: string, reason: 'stopped' | 'room-closed'): Promise<Date | undefined> {
      const { rows } = await sql<{ at: Date }>`
        update recordings set state = 'processing', stopped_at = now(), end_reason = ${reason}
        where id = ${id} and state = 'recording' and deleted_at is null returning stopped_at as at`.execute(
        database,
      )
      if (rows[0]) await notify(id)
      return rows[0]?.at
    },

    async wantPause(id: string, wantsPause: boolean): Promise<void> {
      await sql`update recordings set wants_pause = ${wantsPause} where id = ${id}`.execute(database)
      await notify(id)
    },
  }
}

export type RecordingStore = ReturnType<typeof createRecordingStore>
