import { getSession, listSessions } from '@rtcstack/contract'
import type { Database } from '../database/database.ts'
import { defaultLimit, readPlace, writePlace } from '../http/place.ts'
import { problems } from '../http/problem.ts'
import { answer, type Route } from '../http/router.ts'
import { findSession, listSessions as listFrom } from './history.ts'

export function registerSessionRoutes(route: Route, database: Database): void {
  route(listSessions, async ({ query }) => {
    const { limit = defaultLimit, cursor, roomId, status } = query
    const before = cursor === undefined ? undefined : readPlace(cursor, toPlace)
    const filter = {
      ...(roomId !== undefined && { roomId }),
      ...(status !== undefined && { status: status as 'active' | 'ended' }),
      ...(before && { before }),
    }
    const found = await listFrom(database, filter, limit + 1)
    const sessions = found.slice(0, limit)
    const last = found.length > limit ? sessions.at(-1) : undefined
    return answer(200, { sessions, nextCursor: last ? writePlace([last.startedAt, last.id]) : null })
  })

  route(getSession, async ({ params }) => {
    const session = await findSession(database, params.sessionId)
    if (!session) throw problems.sessionNotFound()
    return answer(200, session)
  })
}

function toPlace([startedAt, sid]: unknown[]) {
  const time = new Date(String(startedAt))
  const isPlace = !Number.isNaN(time.getTime()) && time.toISOString() === startedAt
  return isPlace && typeof sid === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(sid)
    ? { startedAt: time, sid }
    : undefined
}
