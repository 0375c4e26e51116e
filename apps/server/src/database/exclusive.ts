import { sql } from 'kysely'
import type { Database } from './database.ts'

/** Runs something while nobody else, in any process, runs something under the same name. */
export type ExclusiveLock = <T>(name: string, run: () => Promise<T>) => Promise<T>

/** A lock by PostgreSQL's advisory locks; it ends with the connection, so a dead process holds nothing. */
export function createExclusiveLock(database: Database): ExclusiveLock {
  return (name, run) =>
    database.connection().execute(async (connection) => {
      await sql`select pg_advisory_lock(hashtextextended(${name}, 0))`.execute(connection)
      try {
        return await run()
      } finally {
        await sql`select pg_advisory_unlock(hashtextextended(${name}, 0))`.execute(connection)
      }
    })
}
