import { type Kysely, sql } from 'kysely'

export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`alter table ingresses add column in_livekit boolean not null default false`.execute(database)
}
