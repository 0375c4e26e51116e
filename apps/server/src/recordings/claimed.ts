import type { RecordingEndReason } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { DraftEvent } from '../events/draft.ts'
import type { Ledger } from '../events/ledger.ts'
import { recordingsChannel } from './channels.ts'
import { recordingStarted } from './events.ts'
import { type RecordingRow, selected, toRow } from './row.ts'

/** How what is captured of a room ended. */
export interface CaptureEnd {
  reason: RecordingEndReason
  durationMs: number
}

/** Recordings as those change them who have claimed them, whatever records: nothing that is not theirs, or is deleted. */
export function createClaimedRecordings(database: Database, ledger: Ledger, claimant: string) {
  const changing = async (
    within: Database,
    id: string,
    changes: RawBuilder<unknown>,
    condition: RawBuilder<unknown>,
  ): Promise<RecordingRow | undefined> => {
    const { rows } = await sql<Parameters<typeof toRow>[0]>`
      update recordings set ${changes}
      where id = ${id} and claimed_by = ${claimant} and deleted_at is null and ${condition}
      returning ${selected}, pg_notify(${recordingsChannel}, id)`.execute(within)
    return rows[0] && toRow(rows[0])
  }

  const change = (id: string, changes: RawBuilder<unknown>, condition: RawBuilder<unknown> = sql`true`) =>
    changing(database, id, changes, condition)

  /** The same, in one transaction with the events that tell of it; the change must not be made already. */
  const changeAndTell = (
    id: string,
    changes: RawBuilder<unknown>,
    condition: RawBuilder<unknown>,
    drafts: (row: RecordingRow) => DraftEvent[],
  ): Promise<boolean> =>
    ledger.write(async ({ database: transaction, append }) => {
      const row = await changing(transaction, id, changes, condition)
      if (row) await append(drafts(row))
      return row !== undefined
    })

  return {
    change,
    changeAndTell,

    /** Gives claims back, so that others need not wait for their end; since when nobody has them is kept. */
    async release(ids: string[]): Promise<void> {
      await sql`
        update recordings set claimed_by = null, lease_until = now()
        where id = any(${ids}) and claimed_by = ${claimant}`.execute(database)
    },

    /** Its first media was written; false when it has been given up, or this is known. */
    started: (id: string, startedAt: Date, key: string): Promise<boolean> =>
      changeAndTell(
        id,
        sql`state = 'recording', started_at = ${startedAt}, key = ${key}`,
        sql`state = 'starting'`,
        (row) => [recordingStarted({ ...row, startedAt })],
      ),

    /** Nothing more is captured: the room may have another recording. */
    ended: (id: string, { reason, durationMs }: CaptureEnd) =>
      change(
        id,
        sql`state = 'processing', end_reason = coalesce(end_reason, ${reason}), is_paused = false,
          duration_ms = ${Math.round(durationMs)}, ended_at = started_at + make_interval(secs => ${durationMs / 1000})`,
        sql`state in ('recording', 'processing')`,
      ),
  }
}
