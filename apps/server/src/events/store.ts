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
  room: string
  type: string
  body: string
}

/** What a reading of the ledger found. */
export interface Reading {
  events: RecordedEvent[]
  /** The position up to which everything was looked at, also what the filter left out. */
  reached: string
  /** Whether that is the end of the ledger. */
  isEnd: boolean
}

/** Positions that one reading by type looks at: one that finds little costs no more than one that finds much. */
const windowSize = 100_000

/** The events after a position, in order; fewer than `limit` also where the end is not reached yet. */
export async function readEvents(
  database: Database,
  after: string,
  { roomId, types }: EventFilter,
  limit: number,
): Promise<Reading> {
  // A room's events have an index of their own.
  const window = types && roomId === undefined ? windowSize : Number.MAX_SAFE_INTEGER
  const conditions: RawBuilder<unknown>[] = [sql`position > ${after}`]
  if (roomId !== undefined) conditions.push(sql`room = ${roomId}`)
  if (types) conditions.push(sql`type = any(${types})`)
  const { rows } = await sql<Partial<RecordedEvent> & { until: string; end: string }>`
    with ends as (
      select coalesce(min(position), 1) as first, coalesce(max(position), 0) as last from events),
    span as (
      select last, greatest(${after}, least(last, greatest(${after}, first - 1) + ${window})) as until from ends),
    found as (
      select position, room, type, body from events
      where position <= (select until from span) and ${sql.join(conditions, sql` and `)}
      order by position limit ${limit})
    select until, greatest(${after}, last) as end, found.* from span left join found on true
    order by position`.execute(database)
  const events = rows.filter((row): row is typeof row & RecordedEvent => row.position != null)
  const [span] = rows
  const reached = (events.length === limit ? events.at(-1)?.position : span?.until) ?? after
  return { events, reached, isEnd: reached === span?.end }
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
