import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { storableJson } from '../database/text.ts'
import type { Observation, ParticipantState, SessionState } from './observation.ts'
import type { Known } from './reducer.ts'

/** A state and when anything was last heard of it, by the database's clock. */
export type Seen<T> = T & { seenAt: Date }

/** What is known of all that these observations are about. Only under the ledger's lock is it still so at the commit. */
export async function loadKnown(database: Database, observations: Observation[]): Promise<Known> {
  const rooms = [...new Set(observations.map(({ room }) => room.sid))]
  const sids = observations.flatMap((one) => ('participant' in one ? [one.participant.sid] : []))
  const finished = observations.flatMap((one) => (one.kind === 'room-finished' ? [one.room.sid] : []))
  return {
    sessions: await findSessions(database, rooms),
    participants: sids.length + finished.length === 0 ? [] : await findParticipants(database, sids, finished),
  }
}

/** Sessions by the sid of their room. */
export async function findSessions(database: Database, sids: string[]): Promise<Seen<SessionState>[]> {
  if (sids.length === 0) return []
  const rows = await database
    .selectFrom('sessions')
    .selectAll()
    .where('sid', '=', sql<string>`any(${sids})`)
    .execute()
  return rows.map(toSession)
}

/** Sessions that have not ended. */
export async function findOpenSessions(database: Database): Promise<Seen<SessionState>[]> {
  const rows = await database.selectFrom('sessions').selectAll().where('ended_at', 'is', null).execute()
  return rows.map(toSession)
}

/** Participants by sid, and those of some sessions who have not left. */
export async function findParticipants(
  database: Database,
  sids: string[],
  sessions: string[],
): Promise<Seen<ParticipantState>[]> {
  const rows = await database
    .selectFrom('session_participants')
    .selectAll()
    .where((where) =>
      where.or([
        where('sid', '=', sql<string>`any(${sids})`),
        where.and([
          where('session', '=', sql<string>`any(${sessions})`),
          where('stage', 'in', ['unseen', 'present']),
        ]),
      ]),
    )
    .execute()
  return rows.map((row) => ({
    sid: row.sid,
    session: row.session,
    stage: row.stage,
    info: row.info,
    joinedAt: row.joined_at,
    leftAt: row.left_at,
    tracks: row.tracks,
    waiting: row.waiting,
    seenAt: row.seen_at,
  }))
}

/** The changes that keep states, new ones and those that are there. */
export function changesOf({ sessions, participants }: Known): RawBuilder<unknown>[] {
  const changes: RawBuilder<unknown>[] = []
  if (sessions.length > 0)
    changes.push(sql`
      insert into sessions (sid, room, info, started_at, ended_at, present, peak, seen_at)
      select sid, room, info, "startedAt", "endedAt", present, peak, clock_timestamp()
      from jsonb_to_recordset(${storableJson(sessions)}::jsonb) as row (
        sid text, room text, info jsonb, "startedAt" timestamptz, "endedAt" timestamptz, present int, peak int)
      on conflict (sid) do update set info = excluded.info, ended_at = excluded.ended_at,
        present = excluded.present, peak = excluded.peak, seen_at = excluded.seen_at`)
  if (participants.length > 0)
    changes.push(sql`
      insert into session_participants
        (sid, session, stage, identity, info, joined_at, left_at, tracks, waiting, seen_at)
      select sid, session, stage, info->>'identity', info, "joinedAt", "leftAt", tracks, waiting, clock_timestamp()
      from jsonb_to_recordset(${storableJson(participants)}::jsonb) as row (
        sid text, session text, stage text, info jsonb, "joinedAt" timestamptz, "leftAt" timestamptz,
        tracks text[], waiting jsonb)
      on conflict (sid) do update set stage = excluded.stage, identity = excluded.identity, info = excluded.info,
        joined_at = excluded.joined_at, left_at = excluded.left_at, tracks = excluded.tracks,
        waiting = excluded.waiting, seen_at = excluded.seen_at`)
  return changes
}

/** Forgets some sessions that ended so many days ago, with who was there; gives how many. */
export async function forgetSessions(database: Database, days: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from sessions where sid in (
        select sid from sessions where ended_at < now() - make_interval(days => ${days}) limit 1000) returning sid),
    stays as (delete from session_participants where session in (select sid from gone))
    select count(*)::int as count from gone`.execute(database)
  return rows[0]?.count ?? 0
}

function toSession(row: {
  sid: string
  room: string
  info: SessionState['info']
  started_at: Date
  ended_at: Date | null
  present: number
  peak: number
  seen_at: Date
}): Seen<SessionState> {
  const { sid, room, info, present, peak } = row
  return {
    sid,
    room,
    info,
    present,
    peak,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    seenAt: row.seen_at,
  }
}
