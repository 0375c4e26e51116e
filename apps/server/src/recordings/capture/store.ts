import type { RecordedTrack, RecordingEndReason, RecordingError } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { claims, gives, isClaimable } from '../../database/leases.ts'
import { storableJson } from '../../database/text.ts'
import type { Ledger } from '../../events/ledger.ts'
import { recordingsChannel, rendersChannel } from '../channels.ts'
import type { Chunk } from '../chunks.ts'
import { recordingStarted, recordingStopped } from '../events.ts'
import { columns, type RecordingRow, toRow } from '../row.ts'

/** What is wanted of a capture that is under way. */
export interface Wish {
  isOver: boolean
  wantsPause: boolean
}

/** How a capture ended. */
export interface CaptureEnd {
  reason: RecordingEndReason
  durationMs: number
}

const selected = sql.join(columns.map((column) => sql.ref(column)))
/** One of a recording's capture is ours. */
const leaseSeconds = 15

/** Recordings as those capture them who have claimed them. */
export function createCaptureStore(database: Database, ledger: Ledger, claimant: string) {
  const change = async (id: string, changes: RawBuilder<unknown>, condition = sql`true`) => {
    const { rows } = await sql<Parameters<typeof toRow>[0]>`
      update recordings set ${changes}
      where id = ${id} and claimed_by = ${claimant} and deleted_at is null and ${condition}
      returning ${selected}, pg_notify(${recordingsChannel}, id)`.execute(database)
    return rows[0] && toRow(rows[0])
  }

  /** The same, in one transaction with the event that tells of it; the change must not be made already. */
  const changeAndTell = (
    id: string,
    changes: RawBuilder<unknown>,
    condition: RawBuilder<unknown>,
    drafts: (row: RecordingRow) => Parameters<Parameters<Parameters<Ledger['write']>[0]>[0]['append']>[0],
  ): Promise<boolean> =>
    ledger.write(async ({ database: transaction, append }) => {
      const { rows } = await sql<Parameters<typeof toRow>[0]>`
        update recordings set ${changes}
        where id = ${id} and claimed_by = ${claimant} and deleted_at is null and ${condition}
        returning ${selected}, pg_notify(${recordingsChannel}, id)`.execute(transaction)
      if (!rows[0]) return false
      await append(drafts(toRow(rows[0])))
      return true
    })

  return {
    /** Claims recordings that nobody captures, besides those that are held, the newest first: somebody waits for that. */
    async claim(held: string[], limit: number): Promise<RecordingRow[]> {
      if (limit <= 0) return []
      const { rows } = await sql<Parameters<typeof toRow>[0]>`
        update recordings set ${claims(claimant, leaseSeconds)} where id in (
          select id from recordings
          where captured_at is null and state in ('starting', 'recording', 'processing') and deleted_at is null
            and ${isClaimable(claimant, 'recordings')} and id <> all(${held})
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

    /** Those of some recordings whose files may be needed: what was not captured to the end, also where a store refused it. */
    async uncaptured(ids: string[]): Promise<string[]> {
      const { rows } = await sql<{ id: string }>`
        select id from recordings where id = any(${ids}) and deleted_at is null and captured_at is null
          and (state <> 'failed' or error in ('storage-full', 'storage-refused'))`.execute(database)
      return rows.map(({ id }) => id)
    },

    /** Gives claims back, so that others need not wait for their end. */
    async release(ids: string[]): Promise<void> {
      await sql`update recordings set ${gives} where id = any(${ids}) and claimed_by = ${claimant}`.execute(
        database,
      )
    },

    /** Its first media was written; false when it has been given up. */
    started: (id: string, startedAt: Date, key: string): Promise<boolean> =>
      changeAndTell(
        id,
        sql`state = 'recording', started_at = ${startedAt}, key = ${key}`,
        sql`state = 'starting'`,
        (row) => [recordingStarted({ ...row, startedAt })],
      ),

    paused: (id: string, isPaused: boolean) => change(id, sql`is_paused = ${isPaused}`),

    /** Nothing more is captured: the room may have another recording. */
    ended: (id: string, { reason, durationMs }: CaptureEnd) =>
      change(
        id,
        sql`state = 'processing', end_reason = coalesce(end_reason, ${reason}), is_paused = false,
          duration_ms = ${Math.round(durationMs)}, ended_at = started_at + make_interval(secs => ${durationMs / 1000})`,
        sql`state in ('recording', 'processing')`,
      ),

    /** Where the rendering of its file has come to: chunks are queued up to there. */
    async queuedUntilMs(id: string): Promise<number> {
      const { rows } = await sql<{ until: string | null }>`
        select max(until_ms) as until from renders where recording_id = ${id} and kind = 'chunk'`.execute(
        database,
      )
      return Number(rows[0]?.until ?? 0)
    },

    async queueChunks(id: string, layout: string, chunks: Chunk[]): Promise<void> {
      await insertChunks(database, id, layout, chunks)
    },

    /** All that was captured is in the store: the last chunks are queued, and the file that is made of all. */
    async captured(id: string, layout: string, durationMs: number, tracks: RecordedTrack[], chunks: Chunk[]) {
      await database.transaction().execute(async (transaction) => {
        const updated = await sql`
          update recordings set captured_at = now(), error = null, tracks = ${storableJson(tracks)}::jsonb, ${gives}
          where id = ${id} and claimed_by = ${claimant} and deleted_at is null returning id`.execute(
          transaction,
        )
        if (updated.rows.length === 0) return
        await insertChunks(transaction, id, layout, chunks)
        // What did not work while there was a call gets another chance.
        await sql`
          update renders set state = 'queued', tries = 0, next_at = now()
          where recording_id = ${id} and kind = 'chunk' and state = 'failed'`.execute(transaction)
        await sql`
          insert into renders (recording_id, name, kind, from_ms, until_ms, layout)
          values (${id}, 'file', 'file', 0, ${Math.round(durationMs)}, ${layout})`.execute(transaction)
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

async function insertChunks(database: Database, id: string, layout: string, chunks: Chunk[]): Promise<void> {
  if (chunks.length === 0) return
  await sql`
    insert into renders (recording_id, name, kind, from_ms, until_ms, is_last, layout)
    select ${id}, name, 'chunk', "fromMs", "untilMs", "isLast", ${layout}
    from jsonb_to_recordset(${JSON.stringify(chunks)}::jsonb) as chunk (
      name text, "fromMs" double precision, "untilMs" double precision, "isLast" boolean)
    on conflict do nothing`.execute(database)
  await sql`select pg_notify(${rendersChannel}, '')`.execute(database)
}
