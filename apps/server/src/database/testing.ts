import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { startManagedPostgres } from './managed.ts'
import { migrate } from './migrate.ts'

const log = pino({ level: 'silent' })

/** A real, migrated database for the tests of a file. */
export function useDatabase(): { readonly database: Database; readonly url: string } {
  let database: Database
  let url: string
  const closing: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'database-'))
    closing.unshift(() => removeCluster(directory))
    const postgres = await startManagedPostgres({ dataDirectory: directory, log })
    closing.unshift(() => postgres.close())
    url = postgres.url
    database = openDatabase(url, log)
    closing.unshift(() => database.destroy())
    await migrate(database)
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })
  return {
    get database() {
      return database
    },
    get url() {
      return url
    },
  }
}

/** Removes a data directory, and the cluster that root's PostgreSQL keeps elsewhere. */
export async function removeCluster(dataDirectory: string): Promise<void> {
  const name = await readFile(join(dataDirectory, 'postgres', 'cluster-name'), 'utf8').catch(() => undefined)
  if (name) await rm(join('/var/lib/rtcstack/clusters', name.trim()), { recursive: true, force: true })
  await rm(dataDirectory, { recursive: true, force: true })
}
