import type { RecordingEndReason, RecordingError } from '@rtcstack/contract'
import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { claims, gives, isClaimable } from '../../database/leases.ts'
import type { Ledger } from '../../events/ledger.ts'
import { createClaimedRecordings } from '../claimed.ts'
import { recordingStopped } from '../events.ts'
import { type RecordingRow, selected, toRow } from '../row.ts'

/** What is wanted of a recording that an egress makes. */
export interface EgressWish {
  isOver: boolean
  /** It was given up or deleted: nothing of it shall be kept. */
  isGone: boolean
}

const leaseSeconds = 15
/** A start that nobody waits for any more, as after a time without a server. */
const isLate = sql`state = 'starting' and engine_id is null and created_at < now() - interval '1 minute'`
const wished = sql`state = 'processing' as "isOver", state = 'failed' or deleted_at is not null or ${isLate} as "isGone"`
/** Nothing more comes of the egress, and it leaves no tracks. */
const settles = sql`captured_at = now(), tracks_deleted_at = now(), ${gives}`

/** Recordings as those follow them who have claimed them, while LiveKit's Egress makes them. */
export function createEgressStore(database: Database, ledger: Ledger, claimant: string) {
  const { changeAndTell, started, ended, release } = createClaimedRecordings(database, ledger, claimant)
  const ours = (id: string) => sql`id = ${id} and claimed_by = ${claimant}`

  return {
    release,
    started,
    ended,

    /**
     * Claims those that nobody follows besides those that are held, the newest first: somebody waits for that. One that is
     * gone is followed until its egress has ended, so that no file is left of it.
     */
    async claim(held: string[], limit: number): Promise<(EgressWish & { row: RecordingRow })[]> {
      if (limit <= 0) return []
      const { rows } = await sql<Parameters<typeof toRow>[0] & EgressWish>`
        update recordings set ${claims(claimant, leaseSeconds)} where id in (
          select id from recordings
          where captured_at is null and (engine_id is not null or state = 'starting' and deleted_at is null)
            and ${isClaimable(claimant, 'recordings')} and id <> all(${held})
          order by created_at desc limit ${limit} for update skip locked)
        returning ${selected}, ${wished}`.execute(database)
      return rows.map(({ isOver, isGone, ...row }) => ({ isOver, isGone, row: toRow(row) }))
    },

    /** Keeps claims, and gives what is wanted of each; what is not among them is not ours any more. */
    async renew(ids: string[]): Promise<Map<string, EgressWish>> {
      if (ids.length === 0) return new Map()
      const { rows } = await sql<EgressWish & { id: string }>`
        update recordings set ${claims(claimant, leaseSeconds)}
        where id = any(${ids}) and claimed_by = ${claimant} and captured_at is null
        returning id, ${wished}`.execute(database)
      return new Map(rows.map(({ id, ...wish }) => [id, wish]))
    },

    /** Which egress makes it: whoever goes on with it needs no other one. */
    async asked(id: string, engineId: string): Promise<void> {
      await sql`update recordings set engine_id = ${engineId} where ${ours(id)}`.execute(database)
    },

    /** Its file is in the store. */
    ready: (id: string, { durationMs, sizeBytes }: { durationMs: number; sizeBytes: number }) =>
      changeAndTell(
        id,
        sql`state = 'ready', progress = 1, size_bytes = ${sizeBytes}, duration_ms = ${Math.round(durationMs)},
          ended_at = started_at + make_interval(secs => ${durationMs / 1000}), ${settles}`,
        sql`state = 'processing'`,
        (row) => [recordingStopped(row, new Date())],
      ),

    /** There will be no file. It stays ours until it is settled. */
    failed: (id: string, error: RecordingError, reason: RecordingEndReason): Promise<boolean> =>
      changeAndTell(
        id,
        sql`state = 'failed', error = ${error}, end_reason = coalesce(end_reason, ${reason}),
          ended_at = coalesce(ended_at, now())`,
        sql`state in ('starting', 'recording', 'processing')`,
        (row) => (row.startedAt ? [recordingStopped(row, new Date())] : []),
      ),

    /** Nothing more comes of one that failed or was deleted. */
    async settled(id: string): Promise<void> {
      await sql`update recordings set ${settles} where ${ours(id)}`.execute(database)
    },
  }
}

export type EgressStore = ReturnType<typeof createEgressStore>
