import type { BlobStore } from '@rtcstack/blobs'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { keysOf, placeOf } from './keys.ts'

interface RetentionOptions {
  database: Database
  blobs: Pick<BlobStore, 'delete' | 'deletePrefix'>
  /** Days after its end that a recording goes; 0 for never. */
  days: number
  /** Days after its end that its tracks go; 0 for with it. */
  tracksDays: number
}

/** As many rows as a chore is asked for again after. */
const rowsAtOnce = 1000
/** Of what has to be removed from the store as well, so that the end of a server waits for a few only. */
export const storedAtOnce = 20
const startLimitSeconds = 60

interface Kept {
  id: string
  room: string
  startedAt: Date
}

/** What of recordings is forgotten in time, some at a call, which gives how many. */
export function createRecordingRetention({ database, blobs, days, tracksDays }: RetentionOptions) {
  const isOver = sql`deleted_at is null and state in ('ready', 'failed') and captured_at is not null`
  const endedBefore = (age: number) => sql`ended_at < now() - make_interval(days => ${age})`
  const find = async (condition: RawBuilder<unknown>) => {
    const { rows } = await sql<Kept>`
      select id, room, started_at as "startedAt" from recordings where ${condition} limit ${storedAtOnce}`.execute(
      database,
    )
    return rows
  }

  return {
    /** Whole recordings; what was kept of them is then removed as with any that is deleted. */
    async forgetRecordings(): Promise<number> {
      if (days === 0) return 0
      const result = await sql`
        update recordings set deleted_at = now() where id in (
          select id from recordings where deleted_at is null and state in ('ready', 'failed') and ${endedBefore(days)}
          limit ${rowsAtOnce})`.execute(database)
      return Number(result.numAffectedRows ?? 0)
    },

    /** The tracks of recordings, with what only tells of them. */
    async forgetTracks(): Promise<number> {
      if (tracksDays === 0) return 0
      const old = await find(sql`${isOver} and tracks_deleted_at is null and ${endedBefore(tracksDays)}`)
      for (const recording of old) {
        await blobs.deletePrefix(keysOf(placeOf(recording)).folder)
        await sql`
          update recordings set tracks_deleted_at = now(), tracks = '[]' where id = ${recording.id}`.execute(
          database,
        )
      }
      return old.length
    },

    /** What was rendered beside the files a day ago. */
    async forgetExtraRenders(): Promise<number> {
      const { rows } = await sql<Kept & { name: string }>`
        select id, room, started_at as "startedAt", name from renders join recordings on id = recording_id
        where kind = 'extra' and renders.state <> 'queued' and done_at < now() - interval '1 day' limit ${storedAtOnce}`.execute(
        database,
      )
      for (const { name, ...recording } of rows) {
        await blobs.delete(keysOf(placeOf(recording)).extra(name))
        await sql`delete from renders where recording_id = ${recording.id} and name = ${name}`.execute(
          database,
        )
      }
      return rows.length
    },

    /** How files were made that were made a day ago. */
    async forgetFinishedRenders(): Promise<number> {
      const result = await sql`
        delete from renders where (recording_id, name) in (
          select recording_id, name from renders join recordings on id = recording_id
          where kind in ('chunk', 'file', 'clearing') and renders.state <> 'queued'
            and done_at < now() - interval '1 day' and recordings.state in ('ready', 'failed')
          limit ${rowsAtOnce})`.execute(database)
      return Number(result.numAffectedRows ?? 0)
    },

    /** Recordings whose start nobody took, or who took it is gone, and nobody waits for any more. */
    async forgetUnclaimed(): Promise<number> {
      const result = await sql`
        delete from recordings where state = 'starting' and captured_at is null and engine_id is null
          and (claimed_by is null or lease_until < now())
          and created_at < now() - make_interval(secs => ${startLimitSeconds})`.execute(database)
      return Number(result.numAffectedRows ?? 0)
    },
  }
}
