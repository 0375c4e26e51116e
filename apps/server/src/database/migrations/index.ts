import type { Migration } from 'kysely/migration'
import { up as foundation } from './0001-foundation.ts'

/** All migrations, by name, in order. One that has been released is never changed. */
export const migrations: Record<string, Migration> = {
  '0001-foundation': { up: foundation },
}
