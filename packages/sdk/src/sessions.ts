import { getSession, listSessions, type QueryOf } from '@rtcstack/contract'
import { allPages } from './pages.ts'
import type { Call, CallOptions } from './transport.ts'

type SessionQuery = QueryOf<typeof listSessions>

/** The lives of rooms. */
export function createSessions(call: Call) {
  const list = (query: SessionQuery = {}, options?: CallOptions) => call(listSessions, { query }, options)
  return {
    /** A page of sessions, newest first. */
    list,
    /** All sessions one after the other, fetched in pages of `limit`. */
    all: ({ limit = 100, roomId, status, ...options }: CallOptions & Omit<SessionQuery, 'cursor'> = {}) =>
      allPages(async (cursor) => {
        const filter = { ...(roomId !== undefined && { roomId }), ...(status !== undefined && { status }) }
        const page = await list({ limit, ...filter, ...(cursor && { cursor }) }, options)
        return { items: page.sessions, nextCursor: page.nextCursor }
      }),
    /** One session with everyone who was in it. */
    get: (sessionId: string, options?: CallOptions) => call(getSession, { params: { sessionId } }, options),
  }
}
