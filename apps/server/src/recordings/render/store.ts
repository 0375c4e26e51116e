import type { RecordingError, RenderLayout } from '@rtcstack/contract'
import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { claims, gives, isClaimable } from '../../database/leases.ts'
import type { Picture } from '../../database/tables.ts'
import type { Ledger } from '../../events/ledger.ts'
import { recordingsChannel, rendersChannel } from '../channels.ts'
import { recordingStopped } from '../events.ts'
import { selected, toRow } from '../row.ts'

/** Something to render that is ours until its lease ends. */
export interface RenderClaim {
  recordingId: string
  name: string
  kind: 'chunk' | 'file' | 'extra' | 'clearing'
  fromMs: number
  untilMs: number
  isLast: boolean
  layout: RenderLayout
  tries: number
  room: string
  startedAt: Date
  picture: Picture
}

/** What has been rendered, and stored. */
export interface Made {
  sizeBytes: number
  durationMs: number
}

const leaseSeconds = 30

/** Renders as those do them who have claimed them. */
export function createRenderStore(database: Database, ledger: Ledger, claimant: string) {
  const one = ({ recordingId, name }: Pick<RenderClaim, 'recordingId' | 'name'>) =>
    sql`recording_id = ${recordingId} and name = ${name} and claimed_by = ${claimant}`

  return {
    /**
     * Claims what is due besides what is held: files whose chunks are all there first, and what was asked for beside them
     * last. Nothing of a recording that is being deleted at this moment, whose removal would not know of the claim.
     */
    async claim(held: string[], limit: number): Promise<RenderClaim[]> {
      if (limit <= 0) return []
      const { rows } = await sql<Record<string, unknown>>`
        with picked as (
          select recording_id, name from renders join recordings on id = recording_id
          where renders.state = 'queued' and next_at <= now() and deleted_at is null
            and ${isClaimable(claimant, 'renders')}
            and recording_id || '/' || name <> all(${held})
            and (kind <> 'file' or not exists (
              select from renders as chunk
              where chunk.recording_id = renders.recording_id and chunk.kind = 'chunk' and chunk.state <> 'done'))
          order by array_position(array['file', 'chunk', 'extra', 'clearing'], kind), next_at
          limit ${limit} for update of renders skip locked for key share of recordings skip locked)
        update renders set ${claims(claimant, leaseSeconds)}, tries = tries + 1
        from picked join recordings on recordings.id = picked.recording_id
        where renders.recording_id = picked.recording_id and renders.name = picked.name
        returning renders.recording_id as "recordingId", renders.name, kind, from_ms as "fromMs", until_ms as "untilMs",
          is_last as "isLast", layout, tries, room, started_at as "startedAt", picture`.execute(database)
      return rows.map(
        (row) => ({ ...row, fromMs: Number(row.fromMs), untilMs: Number(row.untilMs) }) as RenderClaim,
      )
    },

    /** Keeps a claim; false when it is not ours any more, or its recording has been deleted. */
    async renew(claim: RenderClaim, progress: number): Promise<boolean> {
      const { rows } = await sql`
        update renders set ${claims(claimant, leaseSeconds)}, progress = ${progress}
        from recordings where id = recording_id and deleted_at is null
          and recording_id = ${claim.recordingId} and name = ${claim.name} and renders.claimed_by = ${claimant}
        returning name`.execute(database)
      return rows.length > 0
    },

    /** The chunks of a recording in their order, with how long each has become. */
    async chunksOf(recordingId: string): Promise<{ name: string; durationMs: number }[]> {
      const { rows } = await sql<{ name: string; durationMs: number }>`
        select name, duration_ms as "durationMs" from renders
        where recording_id = ${recordingId} and kind = 'chunk' order by from_ms`.execute(database)
      return rows
    },

    /** A chunk, or what was asked for beside the file, is in the store. */
    async done(claim: RenderClaim, { sizeBytes, durationMs }: Made): Promise<void> {
      await sql`
        with done as (
          update renders set state = 'done', done_at = now(), progress = 1, size_bytes = ${sizeBytes},
            duration_ms = ${durationMs}, fault = null, ${gives}
          where ${one(claim)} returning recording_id, kind)
        update recordings set progress = 0.98 * (
          select coalesce(sum(until_ms - from_ms) filter (where state = 'done' or name = ${claim.name}), 0)::real
            / nullif(greatest(sum(until_ms - from_ms), coalesce(
              recordings.duration_ms, extract(epoch from now() - recordings.started_at) * 1000)), 0)
          from renders where renders.recording_id = recordings.id and kind = 'chunk')
        from done where recordings.id = done.recording_id and done.kind = 'chunk'`.execute(database)
      await sql`select pg_notify(${rendersChannel}, '')`.execute(database)
    },

    /** The file of a recording is in the store: it is ready, and that is told. */
    async ready(claim: RenderClaim, { sizeBytes, durationMs }: Made): Promise<void> {
      await ledger.write(async ({ database: transaction, append }) => {
        const done = await sql`
          update renders set state = 'done', done_at = now(), progress = 1, size_bytes = ${sizeBytes}, fault = null, ${gives}
          where ${one(claim)} returning name`.execute(transaction)
        if (done.rows.length === 0) return
        const { rows } = await sql<Parameters<typeof toRow>[0]>`
          update recordings set state = 'ready', progress = 1, size_bytes = ${sizeBytes},
            duration_ms = ${Math.round(durationMs)}
          where id = ${claim.recordingId} and state = 'processing' and deleted_at is null
          returning ${selected}, pg_notify(${recordingsChannel}, id)`.execute(transaction)
        if (!rows[0]) return
        await queueClearing(transaction, claim)
        await append([recordingStopped(toRow(rows[0]), new Date())])
      })
    },

    /** It did not work, and is tried again after a pause. */
    async retry(claim: RenderClaim, fault: string, pauseMs: number): Promise<void> {
      await sql`
        update renders set next_at = now() + make_interval(secs => ${pauseMs / 1000}), fault = ${fault}, ${gives}
        where ${one(claim)}`.execute(database)
    },

    /** It was not tried to the end, through no fault of its own. */
    async release(claim: RenderClaim): Promise<void> {
      await sql`update renders set tries = tries - 1, ${gives} where ${one(claim)}`.execute(database)
    },

    /** It will not work. Without a chunk or the file the recording has failed; while it goes on, a chunk gets another chance at its end. */
    async failed(claim: RenderClaim, fault: string, error: RecordingError): Promise<void> {
      await ledger.write(async ({ database: transaction, append }) => {
        // Its capture may be ending at this moment.
        await sql`select from recordings where id = ${claim.recordingId} for update`.execute(transaction)
        const failed = await sql`
          update renders set state = 'failed', done_at = now(), fault = ${fault}, ${gives}
          where ${one(claim)} returning name`.execute(transaction)
        if (failed.rows.length === 0 || claim.kind === 'extra') return
        const { rows } = await sql<Parameters<typeof toRow>[0]>`
          update recordings set state = 'failed', error = ${error}
          where id = ${claim.recordingId} and state = 'processing' and captured_at is not null and deleted_at is null
          returning ${selected}, pg_notify(${recordingsChannel}, id)`.execute(transaction)
        if (!rows[0]) return
        await sql`
          delete from renders
          where recording_id = ${claim.recordingId} and kind in ('chunk', 'file') and state = 'queued'`.execute(
          transaction,
        )
        await queueClearing(transaction, claim)
        await append([recordingStopped(toRow(rows[0]), new Date())])
      })
    },
  }
}

/** After a while, as another chunk may just be being stored. */
async function queueClearing(transaction: Database, { recordingId, layout }: RenderClaim): Promise<void> {
  await sql`
    insert into renders (recording_id, name, kind, from_ms, until_ms, layout, next_at)
    values (${recordingId}, 'clearing', 'clearing', 0, 0, ${layout}, now() + interval '3 seconds')
    on conflict do nothing`.execute(transaction)
}

export type RenderStore = ReturnType<typeof createRenderStore>
