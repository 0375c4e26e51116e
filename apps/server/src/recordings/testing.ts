import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDiskBlobStore } from '@rtcstack/blobs'
import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createLedger } from '../events/ledger.ts'
import { queueDeliveries } from '../webhooks/queue-store.ts'
import { newId } from './id.ts'
import { keysOf, placeOf } from './keys.ts'

const picture = { width: 320, height: 180, fps: 25, crf: 25, layout: 'grid' }

/** Columns of a recording, as PostgreSQL has them. */
type Columns = Record<string, string | number | boolean | null>

/** A real database with recordings as a test wants them, and a real store on the disk. */
export function useRecordings() {
  const db = useDatabase()
  let directory: string
  let blobs: ReturnType<typeof createDiskBlobStore>
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recordings-'))
    blobs = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
    await blobs.prepare()
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  return {
    get database() {
      return db.database
    },
    get blobs() {
      return blobs
    },
    get ledger() {
      return createLedger(db.database, queueDeliveries)
    },

    /** A recording of a room of its own; columns that are not named are as they are from the beginning. */
    async add(columns: Columns = {}): Promise<string> {
      const id = newId('EG')
      await db.database
        .insertInto('recordings')
        .values({
          id,
          room: `room ${id}`,
          bucket: 'b',
          picture: JSON.stringify(picture),
          ...columns,
        } as never)
        .execute()
      return id
    },

    /** How a recording is now; undefined when it is not any more. */
    find: (id: string) =>
      db.database.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst(),

    /** The keys in the store of one that has started. */
    async keys(id: string) {
      const row = await db.database
        .selectFrom('recordings')
        .select(['room', 'started_at'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      if (!row.started_at) throw new Error(`${id} has not started`)
      return keysOf(placeOf({ id, room: row.room, startedAt: row.started_at }))
    },

    /** Lets the lease of everything that somebody holds be over. */
    async endLeases(): Promise<void> {
      for (const table of ['recordings', 'renders'])
        await sql`update ${sql.table(table)} set lease_until = now() - interval '1 second'
          where claimed_by is not null`.execute(db.database)
    },
  }
}
