import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { storable } from '../database/text.ts'

/** A webhook of LiveKit as it came. */
export interface Letter {
  /** LiveKit's own id of the event, equal over its retries. */
  livekitId: string
  body: string
}

/** A letter that is kept. */
export interface KeptLetter {
  id: string
  body: string
  receivedAt: Date
}

/** How long the ids of events that were dealt with are known: LiveKit gives up repeating after seconds. */
const memoryHours = 24

/** Keeps letters, those that came before left out; resolves when they are committed. */
export async function keepLetters(database: Database, letters: Letter[]): Promise<void> {
  await sql`
    insert into inbox (livekit_id, body)
    select * from unnest(${letters.map((one) => one.livekitId)}::text[], ${letters.map((one) => one.body)}::text[])
    on conflict do nothing`.execute(database)
}

/** The letters that wait, oldest first. Call it under the ledger's lock. */
export async function waitingLetters(database: Database, limit: number): Promise<KeptLetter[]> {
  const rows = await database
    .selectFrom('inbox')
    .select(['id', 'body', 'received_at as receivedAt'])
    .where('processed_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows
}

export async function markProcessed(database: Database, ids: string[]): Promise<void> {
  await sql`update inbox set processed_at = now() where id = any(${ids}::bigint[])`.execute(database)
}

/** Takes a letter out of those that wait, and keeps it with what was wrong with it. */
export async function putAside(database: Database, id: string, fault: string): Promise<void> {
  await database
    .updateTable('inbox')
    .set({ processed_at: new Date(), fault: storable(fault) })
    .where('id', '=', id)
    .execute()
}

/** Forgets letters that were dealt with long ago, some of the oldest at a time; gives how many. */
export async function forgetLetters(database: Database): Promise<number> {
  const result = await sql`
    delete from inbox where id in (
      select id from (select id, processed_at from inbox order by id limit 1000) oldest
      where processed_at < now() - make_interval(hours => ${memoryHours}))`.execute(database)
  return Number(result.numAffectedRows ?? 0)
}
