import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** Which events are asked for; all where nothing is said. */
export interface EventFilter {
  roomId?: string
  types?: string[]
}

/** An event in its place; `body` is its JSON. */
export interface RecordedEvent {
  position: string
  type: string
  body: string
}

/** The events after a position, in order. */
export async function readEvents(
  database: Database,
  after: string,
  { roomId, types }: EventFilter,
  limit: number,
): Promise<RecordedEvent[]> {
  const conditions: RawBuilder<unknown>[] = [sql`position > ${after}`]
  if (roomId !== undefined) conditions.push(sql`room = ${roomId}`)
  if (types) conditions.push(sql`type = any(${types})`)
  const { rows } = await sql<RecordedEvent>`
    select position, type, body from events where ${sql.join(conditions, sql` and `)}
    order by position limit ${limit}`.execute(database)
  return rows
}

/** Position of the last event; `0` where there is none. */
export async function endOfLedger(database: Database): Promise<string> {
  const { rows } = await sql<{ last: string }>`select coalesce(max(position), 0) as last from events`.execute(
    database,
  )
  return rows[0]?.last ?? '0'
}

/** Forgets events of more than 90 days ago, some at a time; gives how many. */
export async function forgetEvents(database: Database): Promise<number> {
  const result = await sql`
    delete from events where position in (
      select position from events where recorded_at < now() - interval '90 days' order by position limit 1000)`.execute(
    database,
  )
  return Number(result.numAffectedRows ?? 0)
}
