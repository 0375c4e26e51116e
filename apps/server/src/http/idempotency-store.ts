import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Claim, IdempotencyStore } from './idempotency.ts'

/** Longer than any request may take: after it, the process that held the key is gone. */
const runningSeconds = 60

/** Idempotency keys as rows, shared by all replicas. */
export function createIdempotencyStore(database: Database): IdempotencyStore {
  const row = (scope: string, key: string) => ({ scope, key })
  return {
    async claim(scope, key, fingerprint) {
      const claimed = await sql`
        insert into idempotency_keys (scope, key, fingerprint, expires_at, running_until)
        values (${scope}, ${key}, ${fingerprint}, now() + interval '24 hours', now() + make_interval(secs => ${runningSeconds}))
        on conflict (scope, key) do update
          set fingerprint = excluded.fingerprint, expires_at = excluded.expires_at, running_until = excluded.running_until,
              status = null, sealed = null
          where idempotency_keys.expires_at < now()
             or (idempotency_keys.status is null and idempotency_keys.running_until < now()
                 and idempotency_keys.fingerprint = excluded.fingerprint)
        returning 1`.execute(database)
      if (claimed.rows.length > 0) return { state: 'new' }
      const found = await database
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('scope', '=', scope)
        .where('key', '=', key)
        .executeTakeFirst()
      return found ? judge(found, fingerprint) : { state: 'running' }
    },
    async complete(scope, key, { status, sealed }) {
      await database
        .updateTable('idempotency_keys')
        .set({ status, sealed })
        .where((eb) => eb.and(row(scope, key)))
        .execute()
    },
    async release(scope, key) {
      await database
        .deleteFrom('idempotency_keys')
        .where((eb) => eb.and(row(scope, key)))
        .execute()
    },
  }
}

function judge(
  found: { fingerprint: Buffer; status: number | null; sealed: Buffer | null },
  fingerprint: Buffer,
): Claim {
  if (!found.fingerprint.equals(fingerprint)) return { state: 'other-request' }
  if (found.status === null || found.sealed === null) return { state: 'running' }
  return { state: 'answered', answer: { status: found.status, sealed: found.sealed } }
}

/** Removes keys whose day is over. */
export async function forgetExpiredKeys(database: Database): Promise<number> {
  const result = await sql`
    delete from idempotency_keys where (scope, key) in (
      select scope, key from idempotency_keys where expires_at < now() limit 1000)`.execute(database)
  return Number(result.numAffectedRows ?? 0)
}
