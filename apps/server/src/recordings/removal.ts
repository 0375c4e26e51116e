import type { BlobStore } from '@rtcstack/blobs'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import { claims, isClaimable } from '../database/leases.ts'
import type { Ledger } from '../events/ledger.ts'
import { problems } from '../http/problem.ts'
import { createWakeable } from '../process/wakeable.ts'
import { recordingsChannel } from './channels.ts'
import { recordingStopped } from './events.ts'
import { keysOf, placeOf } from './keys.ts'
import { type RecordingRow, selected, toRow } from './row.ts'

interface RemovalOptions {
  database: Database
  ledger: Ledger
  blobs: Pick<BlobStore, 'delete' | 'deletePrefix'>
  audit: Pick<Audit, 'note'>
  /** Another one than those who capture and render have: what they still hold is waited for. */
  claimant: string
  log: Logger
}

const lookEveryMs = 10_000
const leaseSeconds = 120
const atOnce = 10

/** Deletes recordings: at once for the outside, and then, as soon as the store is there, everything that was kept. */
export function startRecordingRemoval(options: RemovalOptions) {
  const { database, ledger, blobs, audit, claimant, log } = options
  let isClosing = false

  /** What is deleted, and held by nobody who might still store something of it; what was tried already comes last. */
  async function claim(): Promise<RecordingRow[]> {
    const { rows } = await sql<Parameters<typeof toRow>[0]>`
      update recordings set ${claims(claimant, leaseSeconds)} where id in (
        select id from recordings
        where deleted_at is not null and ${isClaimable(claimant, 'recordings')}
          and not exists (select from renders where recording_id = id and renders.lease_until > now())
        order by lease_until nulls first, deleted_at limit ${atOnce} for update skip locked)
      returning ${selected}`.execute(database)
    return rows.map(toRow)
  }

  async function clear({ id, room, startedAt, key }: RecordingRow): Promise<void> {
    if (startedAt) await blobs.deletePrefix(keysOf(placeOf({ id, room, startedAt })).folder)
    if (key !== null) await blobs.delete(key)
    await audit.note('recordingObjectsRemoved', { room, target: id })
    await sql`delete from recordings where id = ${id} and deleted_at is not null`.execute(database)
  }

  /** One that a store does not let go of is tried again, and not in the way of the others. */
  async function clearSome(): Promise<number> {
    let cleared = 0
    for (const row of await claim()) {
      if (isClosing) break
      await clear(row).then(() => cleared++, tellFault)
    }
    return cleared
  }

  async function look(): Promise<void> {
    while (!isClosing && (await clearSome()) > 0);
  }

  const tellFault = (error: unknown) =>
    log.warn({ err: error }, 'what was kept of deleted recordings is removed later')
  const removing = createWakeable(look, { everyMs: lookEveryMs, onError: tellFault })

  return {
    /** Deletes a recording for the outside; throws `conflict` while it is being recorded. */
    async remove(id: string): Promise<void> {
      await ledger.write(async ({ database: transaction, append }) => {
        const found = await sql<Parameters<typeof toRow>[0]>`
          select ${selected} from recordings where id = ${id} and deleted_at is null for update`.execute(
          transaction,
        )
        const [before] = found.rows
        if (!before) throw problems.recordingNotFound()
        if (before.state === 'starting' || before.state === 'recording')
          throw problems.conflict('The recording goes on: stop it first')
        await sql`
          update recordings set deleted_at = now(), state = case state when 'processing' then 'failed' else state end
          where id = ${id} returning pg_notify(${recordingsChannel}, id)`.execute(transaction)
        // Who waits for the file hears that there will be none.
        if (before.state === 'processing')
          await append([
            recordingStopped({ ...toRow(before), state: 'failed', error: 'deleted' }, new Date()),
          ])
      })
      removing.wake()
    },

    close: () => {
      isClosing = true
      return removing.close()
    },
  }
}

export type RecordingRemoval = ReturnType<typeof startRecordingRemoval>
