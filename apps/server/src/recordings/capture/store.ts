import type { RecordedTrack, RecordingEndReason, RecordingError } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { claims, gives, isClaimable } from '../../database/leases.ts'
import { storableJson } from '../../database/text.ts'
import type { Ledger } from '../../events/ledger.ts'
import { rendersChannel } from '../channels.ts'
import { type Chunk, remainingChunks } from '../chunks.ts'
import { createClaimedRecordings } from '../claimed.ts'
import { recordingStopped } from '../events.ts'
import { type RecordingRow, selected, toRow } from '../row.ts'

/** What is wanted of a capture that is under way. */
export interface Wish {
  isOver: boolean
  wantsPause: boolean
}

/** One of a recording's capture is ours. */
const leaseSeconds = 15
/** Who asked for a start has an answer by then. */
const startSeconds = 5
/** Whoever is in the room after a longer time without a recorder may be others, in a call that nobody asked to record. */
const awaySeconds = 300
const isLongLost = sql`state = 'recording' and lease_until < now() - make_interval(secs => ${awaySeconds})`

/** Recordings as those capture them who have claimed them. */
export function createCaptureStore(database: Database, ledger: Ledger, claimant: string) {
  const { change, changeAndTell, started, ended, release } = createClaimedRecordings(
    database,
    ledger,
    claimant,
  )

  return {
    /**
     * Claims recordings that nobody captures, besides those that are held, the newest first: somebody waits for that. Only
     * those that it has had already when it is `toEnd` them. What was without a recorder for long has ended.
     */
    async claim(held: string[], limit: number, toEnd: boolean): Promise<RecordingRow[]> {
      if (limit <= 0) return []
      const { rows } = await sql<Parameters<typeof toRow>[0]>`
        update recordings set ${claims(claimant, leaseSeconds)},
          state = case when ${isLongLost} then 'processing' else state end,
          end_reason = case when ${isLongLost} then 'server-lost' else end_reason end
        where id in (
          select id from recordings
          where captured_at is null and state in ('starting', 'recording', 'processing') and deleted_at is null
            and (state <> 'starting' or created_at > now() - make_interval(secs => ${startSeconds}))
            and engine_id is null and ${isClaimable(claimant, 'recordings')} and id <> all(${held})
            and (not ${toEnd} or claimed_by = ${claimant} and state <> 'starting')
          order by created_at desc limit ${limit} for update skip locked)
        returning ${selected}`.execute(database)
      return rows.map(toRow)
    },

    /** Keeps claims, and gives what is wanted of each; what is not among them is not ours any more. */
    async renew(ids: string[]): Promise<Map<string, Wish>> {
      if (ids.length === 0) return new Map()
      const { rows } = await sql<{ id: string; isOver: boolean; wantsPause: boolean }>`
        update recordings set ${claims(claimant, leaseSeconds)}
        where id = any(${ids}) and claimed_by = ${claimant} and deleted_at is null and state <> 'failed'
        returning id, state = 'processing' as "isOver", wants_pause as "wantsPause"`.execute(database)
      return new Map(rows.map(({ id, ...wish }) => [id, wish]))
    },

    /**
     * Those of some recordings whose files may be needed: what was not captured to the end, also where a store refused it, or
     * another server took this one for lost.
     */
    async uncaptured(ids: string[]): Promise<string[]> {
      const { rows } = await sql<{ id: string }>`
        select id from recordings where id = any(${ids}) and deleted_at is null and captured_at is null
          and (state <> 'failed' or error in ('storage-full', 'storage-refused', 'server-lost'))`.execute(
        database,
      )
      return rows.map(({ id }) => id)
    },

    release,
    started,
    ended,

    paused: (id: string, isPaused: boolean) => change(id, sql`is_paused = ${isPaused}`),

    /** Where the rendering of its file has come to: chunks are queued up to there. */
    queuedUntilMs: (id: string): Promise<number> => queuedUntilMs(database, id),

    /** Of a recording that another process has by now, this one queues nothing: it does not know all of it any more. */
    async queueChunks(id: string, layout: string, chunks: Chunk[]): Promise<void> {
      await insertChunks(database, id, layout, chunks, sql`claimed_by = ${claimant} and deleted_at is null`)
    },

    /** All that was captured is in the store: the last chunks are queued, and the file that is made of all. */
    async captured(id: string, layout: string, durationMs: number, tracks: RecordedTrack[]): Promise<void> {
      await database.transaction().execute(async (transaction) => {
        const updated = await sql`
          update recordings set captured_at = now(), error = null, tracks = ${storableJson(tracks)}::jsonb, ${gives}
          where id = ${id} and claimed_by = ${claimant} and state = 'processing' and deleted_at is null
          returning id`.execute(transaction)
        if (updated.rows.length === 0) return
        // One that reaches the end was not queued as the last, if a killed recorder lost what came after it.
        await sql`
          delete from renders
          where recording_id = ${id} and kind = 'chunk' and until_ms >= ${durationMs}`.execute(transaction)
        // What did not work while there was a call gets another chance.
        await sql`
          update renders set state = 'queued', tries = 0, next_at = now()
          where recording_id = ${id} and kind = 'chunk' and state = 'failed'`.execute(transaction)
        const chunks = remainingChunks(durationMs, await queuedUntilMs(transaction, id))
        await insertChunks(transaction, id, layout, chunks, sql`true`)
        await sql`
          insert into renders (recording_id, name, kind, from_ms, until_ms, layout)
          values (${id}, 'file', 'file', 0, ${durationMs}, ${layout})`.execute(transaction)
      })
    },

    /** There will be no file. */
    failed: (id: string, error: RecordingError, reason: RecordingEndReason): Promise<boolean> =>
      changeAndTell(
        id,
        sql`state = 'failed', error = ${error}, end_reason = coalesce(end_reason, ${reason}),
          ended_at = coalesce(ended_at, now()), is_paused = false, ${gives}`,
        sql`state in ('starting', 'recording', 'processing')`,
        (row) => (row.startedAt ? [recordingStopped(row, new Date())] : []),
      ),
  }
}

export type CaptureStore = ReturnType<typeof createCaptureStore>

async function queuedUntilMs(database: Database, id: string): Promise<number> {
  const { rows } = await sql<{ until: string | null }>`
    select max(until_ms) as until from renders where recording_id = ${id} and kind = 'chunk'`.execute(
    database,
  )
  return Number(rows[0]?.until ?? 0)
}

async function insertChunks(
  database: Database,
  id: string,
  layout: string,
  chunks: Chunk[],
  condition: RawBuilder<unknown>,
): Promise<void> {
  if (chunks.length === 0) return
  await sql`
    insert into renders (recording_id, name, kind, from_ms, until_ms, is_last, layout)
    select id, name, 'chunk', "fromMs", "untilMs", "isLast", ${layout}
    from recordings, jsonb_to_recordset(${JSON.stringify(chunks)}::jsonb) as chunk (
      name text, "fromMs" double precision, "untilMs" double precision, "isLast" boolean)
    where id = ${id} and ${condition}
    on conflict do nothing`.execute(database)
  await sql`select pg_notify(${rendersChannel}, '')`.execute(database)
}
