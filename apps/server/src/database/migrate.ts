import { setTimeout as pause } from 'node:timers/promises'
import { Migrator } from 'kysely/migration'
import type { Logger } from 'pino'
import { isDatabaseAway } from './away.ts'
import { type Database, openDatabase } from './database.ts'
import { migrations } from './migrations/index.ts'

const waitLimitMs = 60_000
const retryEveryMs = 1000
const migrationLimitMs = 3_600_000

/** Brings the schema to the newest version; safe for many processes at once (Kysely takes a lock). */
export async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/**
 * Migrates as soon as the database answers: it may be starting too. Gives up after a minute without an answer; a
 * migration itself may take as long as it must.
 */
export async function migrateWhenThere(url: string, log: Logger, signal: AbortSignal): Promise<void> {
  const database = openDatabase(url, log, migrationLimitMs)
  try {
    await retryUntilThere(database, log, signal)
  } finally {
    await database.destroy()
  }
}

async function retryUntilThere(database: Database, log: Logger, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + waitLimitMs
  for (;;) {
    try {
      return await migrate(database)
    } catch (error) {
      if (!isDatabaseAway(error)) throw error
      if (performance.now() > deadline) {
        const { message } = error as Error
        throw new Error(`The database does not answer (${message}): look at DATABASE_URL.`, { cause: error })
      }
      log.warn({ err: error }, 'the database does not answer yet')
    }
    await pause(retryEveryMs, undefined, { signal })
  }
}
