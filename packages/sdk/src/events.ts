import { type EventType, type LedgerEvent, listEvents, type QueryOf } from '@rtcstack/contract'
import { ConnectionError, ProblemError, TimeoutError, UnexpectedAnswerError } from './errors.ts'
import { allPages } from './pages.ts'
import { mayPass, pause, pauseBefore } from './retry.ts'
import { createEventParser } from './server-sent-events.ts'
import type { Call, CallOptions, OpenStream } from './transport.ts'

/** Which events are asked for; all where nothing is said. */
export interface EventFilter {
  roomId?: string
  types?: EventType[]
}

export interface StreamOptions extends EventFilter {
  /** The place in the ledger to go on from; the stream begins now without it. */
  after?: string
  signal?: AbortSignal
  /** Told each time that the connection is made, and why it was lost before. */
  onConnect?: (lost: unknown) => void
}

/** An event and its place in the ledger, to go on after. */
export interface StreamedEvent {
  cursor: string
  event: LedgerEvent
}

/** The server gives a sign of life every 15 s: three missing ones mean that the connection is dead. */
const silenceMs = 45_000

/** The ledger: everything that happened, in order. */
export function createEvents(call: Call, openStream: OpenStream) {
  const list = (query: QueryOf<typeof listEvents> = {}, options?: CallOptions) =>
    call(listEvents, { query }, options)
  return {
    /** A page of events after a place in the ledger. */
    list,
    /** Events up to the end of the ledger, one after the other. */
    all: ({
      after,
      limit = 100,
      ...options
    }: CallOptions & EventFilter & { after?: string; limit?: number } = {}) =>
      allPages(async (cursor) => {
        const from = cursor ?? after
        const query = { limit, ...filterQuery(options), ...(from !== undefined && { after: from }) }
        const page = await list(query, options)
        return { items: page.events, nextCursor: page.nextCursor }
      }),
    /**
     * Events as they happen, without end: a lost connection is made again and goes on where it was, so each event comes
     * once. Throws what will not pass, such as a wrong key; ends quietly when the signal aborts.
     */
    stream: (options: StreamOptions = {}) => streamEvents(openStream, options),
  }
}

const filterQuery = ({ roomId, types }: EventFilter) => ({
  ...(roomId !== undefined && { roomId }),
  ...(types !== undefined && { types: types.join(',') }),
})

async function* streamEvents(openStream: OpenStream, options: StreamOptions): AsyncGenerator<StreamedEvent> {
  const { signal, onConnect } = options
  let cursor = options.after
  let lost: unknown
  for (let attempt = 0; !signal?.aborted; attempt++) {
    try {
      const query = new URLSearchParams(filterQuery(options)).toString()
      const body = await openStream(`${listEvents.path}${query && `?${query}`}`, {
        ...(signal && { signal }),
        headers: { accept: 'text/event-stream', ...(cursor !== undefined && { 'last-event-id': cursor }) },
      })
      onConnect?.(lost)
      attempt = 0
      for await (const { id, data } of readEvents(body)) {
        cursor = id
        yield { cursor, event: JSON.parse(data) as LedgerEvent }
      }
      lost = new ConnectionError('the stream ended')
    } catch (error) {
      if (signal?.aborted) return
      if (isFinal(error)) throw error
      lost = error
    }
    await pause(pauseBefore(attempt, lost, Math.random), signal).catch(() => undefined)
  }
}

/** What will be the same at the next try; a proxy's 502 while the server restarts is not. */
const isFinal = (error: unknown) =>
  (error instanceof ProblemError && !mayPass(error)) ||
  (error instanceof UnexpectedAnswerError && error.status < 500)

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id: string; data: string }> {
  const parser = createEventParser()
  const reader = body.getReader()
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = () =>
    new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TimeoutError('the stream gave no sign of life')), silenceMs)
    })
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), silence()]).finally(() =>
        clearTimeout(timer),
      )
      if (done) return
      for (const { id, data } of parser.push(value)) if (id !== undefined) yield { id, data }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
