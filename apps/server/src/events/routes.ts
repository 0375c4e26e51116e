import { listEvents } from '@rtcstack/contract'
import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import { defaultLimit } from '../http/place.ts'
import { problems } from '../http/problem.ts'
import { answer, type Route } from '../http/router.ts'
import { type EventFilter, type Reading, readEvents } from './store.ts'
import type { EventStreams } from './stream.ts'

export function registerEventRoutes(route: Route, database: Database, streams: EventStreams): void {
  route(listEvents, async ({ query, request, reply }) => {
    const filter: EventFilter = {
      ...(query.roomId !== undefined && { roomId: query.roomId }),
      ...(query.types !== undefined && { types: query.types.split(',') }),
    }
    const after = query.after ?? query.cursor
    if (wantsStream(request)) {
      reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
      return answer(200, await streams.open(lastEventId(request) ?? after, filter))
    }
    reply.type('application/json; charset=utf-8')
    const reading = await readEvents(database, after ?? '0', filter, query.limit ?? defaultLimit)
    return answer(200, pageText(reading))
  })
}

/** The bodies are JSON already, so the page is put together as text. */
function pageText({ events, reached, isEnd }: Reading): string {
  const bodies = events.map(({ body }) => body).join(',')
  return `{"events":[${bodies}],"nextAfter":"${reached}","nextCursor":${isEnd ? null : `"${reached}"`}}`
}

/** A HEAD has no body that would end. */
const wantsStream = (request: FastifyRequest) =>
  request.method === 'GET' &&
  (request.headers.accept ?? '').split(',').some((type) => type.trim().startsWith('text/event-stream'))

function lastEventId(request: FastifyRequest): string | undefined {
  const id = request.headers['last-event-id']
  if (id === undefined || id === '') return undefined
  if (typeof id === 'string' && /^(0|[1-9]\d{0,17})$/.test(id)) return id
  throw problems.badRequest('The Last-Event-ID header must be the id of an event of this stream')
}
