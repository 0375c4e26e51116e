import { listEvents } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import { defaultLimit } from '../http/page.ts'
import { problems } from '../http/problem.ts'
import { answer, type Route } from '../http/router.ts'
import { type EventFilter, endOfLedger, readEvents } from './store.ts'
import type { EventStreams } from './stream.ts'

export function registerEventRoutes(route: Route, database: Database, streams: EventStreams): void {
  route(listEvents, async ({ query, request, reply }) => {
    const filter: EventFilter = {
      ...(query.roomId !== undefined && { roomId: query.roomId }),
      ...(query.types !== undefined && { types: query.types.split(',') }),
    }
    if (wantsStream(request)) {
      reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
      return answer(200, await streams.open(lastEventId(request) ?? query.after, filter))
    }
    reply.type('application/json; charset=utf-8')
    return answer(200, await readPage(database, query.after ?? '0', filter, query.limit ?? defaultLimit))
  })
}

/** The bodies are JSON already, so the page is put together as text. */
async function readPage(
  database: Database,
  after: string,
  filter: EventFilter,
  limit: number,
): Promise<string> {
  const end = await endOfLedger(database)
  const found = await readEvents(database, after, filter, limit + 1)
  const page = found.slice(0, limit)
  const hasMore = found.length > limit
  // Up to the end everything was looked at, also what the filter left out.
  const last = page.at(-1)?.position ?? after
  const nextAfter = hasMore || Number(last) > Number(end) ? last : latest(end, after)
  const events = page.map(({ body }) => body).join(',')
  return `{"events":[${events}],"nextAfter":"${nextAfter}","nextCursor":${hasMore ? `"${nextAfter}"` : null}}`
}

const latest = (a: string, b: string) => (Number(a) > Number(b) ? a : b)

const wantsStream = (request: FastifyRequest) =>
  (request.headers.accept ?? '').split(',').some((type) => type.trim().startsWith('text/event-stream'))

function lastEventId(request: FastifyRequest): string | undefined {
  const id = request.headers['last-event-id']
  if (id === undefined || id === '') return undefined
  if (typeof id === 'string' && /^(0|[1-9]\d{0,17})$/.test(id)) return id
  throw problems.badRequest('The Last-Event-ID header must be the id of an event of this stream')
}
