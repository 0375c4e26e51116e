import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'

/** Endpoints that were deleted here, and that LiveKit's Ingress service still has. */
export function createUndeletedStore(database: Database) {
  return {
    async list(): Promise<string[]> {
      const rows = await database
        .selectFrom('ingresses')
        .select('id')
        .where('deleted_at', 'is not', null)
        .where('in_livekit', '=', true)
        .execute()
      return rows.map(({ id }) => id)
    },

    /** LiveKit does not have it any more. */
    async strike(id: string): Promise<void> {
      await sql`update ingresses set in_livekit = false where id = ${id}`.execute(database)
    },
  }
}

export type UndeletedStore = ReturnType<typeof createUndeletedStore>
