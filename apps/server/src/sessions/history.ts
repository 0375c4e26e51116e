import type { Session, SessionDetail, SessionParticipant } from '@rtcstack/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'

interface Row {
  sid: string
  room: string
  started_at: Date
  ended_at: Date | null
  present: number
  peak: number
  participants: number
  joins: number
  tracks: number
}

/** A place in the list of sessions: everything after it is older. */
export interface SessionPlace {
  startedAt: Date
  sid: string
}

export interface SessionFilter {
  roomId?: string
  status?: 'active' | 'ended'
  /** The last one of the page before. */
  before?: SessionPlace
}

/** Sessions, newest first. */
export async function listSessions(
  database: Database,
  { roomId, status, before }: SessionFilter,
  limit: number,
): Promise<Session[]> {
  const conditions = [
    sql`true`,
    ...(roomId === undefined ? [] : [sql`room = ${roomId}`]),
    ...(status === undefined
      ? []
      : [status === 'active' ? sql`ended_at is null` : sql`ended_at is not null`]),
    ...(before ? [sql`(started_at, sid) < (${before.startedAt}, ${before.sid})`] : []),
  ]
  const found = await select(database, sql.join(conditions, sql` and `), limit)
  return found.map(toSession)
}

/** One session with its participants in the order of joining. */
export async function findSession(database: Database, sid: string): Promise<SessionDetail | undefined> {
  const [row] = await select(database, sql`sid = ${sid}`, 1)
  if (!row) return undefined
  const participants = await database
    .selectFrom('session_participants')
    .selectAll()
    .where('session', '=', sid)
    .where('stage', 'in', ['present', 'left'])
    .orderBy('joined_at')
    .orderBy('sid')
    .execute()
  return {
    ...toSession(row),
    participants: participants.map(
      ({ sid, identity, info, joined_at, left_at, tracks }): SessionParticipant => ({
        sid,
        identity,
        name: info.name,
        role: info.attributes['rtcstack.role'] ?? null,
        kind: info.kind,
        joinedAt: (joined_at ?? row.started_at).toISOString(),
        leftAt: left_at?.toISOString() ?? null,
        durationSeconds: secondsBetween(joined_at, left_at),
        tracks: tracks.length,
      }),
    ),
  }
}

async function select(database: Database, condition: RawBuilder<unknown>, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select chosen.*, counts.* from (
      select sid, room, started_at, ended_at, present, peak from sessions
      where ${condition} order by started_at desc, sid desc limit ${limit}) chosen
    cross join lateral (
      select count(distinct identity)::int as participants, count(*)::int as joins,
        coalesce(sum(cardinality(tracks)), 0)::int as tracks
      from session_participants where session = chosen.sid and stage in ('present', 'left')) counts
    order by started_at desc, sid desc`.execute(database)
  return rows
}

const toSession = (row: Row): Session => ({
  id: row.sid,
  roomId: row.room,
  status: row.ended_at ? 'ended' : 'active',
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  durationSeconds: secondsBetween(row.started_at, row.ended_at),
  counts: {
    participants: row.participants,
    joins: row.joins,
    present: row.present,
    peak: row.peak,
    tracks: row.tracks,
  },
})

const secondsBetween = (from: Date | null, to: Date | null): number | null =>
  from && to ? Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000)) : null
