import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import { createWakeable, type Wakeable } from '../process/wakeable.ts'

const beatEveryMs = 5_000
const freshSeconds = 15

/** The condition that a worker has been heard of lately. */
export const hasFreshBeat = sql`beat_at > now() - make_interval(secs => ${freshSeconds})`

interface PresenceOptions {
  database: Database
  /** Of this process's place: the same after a restart. */
  id: string
  role: 'record' | 'render' | 'rtmp'
  /** How many things it does at once; 0 while it takes none. */
  capacity: () => number
  log: Logger
}

/** Says every few seconds that a worker is there, and how much it takes; once more when woken. */
export async function announceWorker({
  database,
  id,
  role,
  capacity,
  log,
}: PresenceOptions): Promise<Wakeable> {
  const beat = async () => {
    await sql`
      insert into workers (id, role, capacity) values (${id}, ${role}, ${capacity()})
      on conflict (id, role) do update set capacity = excluded.capacity, beat_at = now()`.execute(database)
  }
  const onError = (error: unknown) =>
    log.debug({ err: error, role }, 'a worker could not say that it is there')
  await beat().catch(onError)
  const beating = createWakeable(beat, { everyMs: beatEveryMs, onError })
  return {
    wake: beating.wake,
    close: async () => {
      await beating.close()
      await sql`delete from workers where id = ${id} and role = ${role}`.execute(database).catch(onError)
    },
  }
}

/** Forgets workers that have not been heard of for a day. */
export async function forgetWorkers(database: Database): Promise<number> {
  const result = await sql`delete from workers where beat_at < now() - interval '1 day'`.execute(database)
  return Number(result.numAffectedRows ?? 0)
}
