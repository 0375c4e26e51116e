import { type EventType, type LedgerEvent, listEvents, type QueryOf } from '@rtcstack/contract'
import { ConnectionError, TimeoutError, UnexpectedAnswerError } from './errors.ts'
import { allPages } from './pages.ts'
import { mayPass, pause, pauseBefore } from './retry.ts'
import { createEventParser } from './server-sent-events.ts'
import type { OpenStream } from './streams.ts'
import type { Call, CallOptions } from './transport.ts'

/** Which events are asked for; all where nothing is said. */
export interface EventFilter<T extends EventType = EventType> {
  roomId?: string
  types?: readonly T[]
}

export interface StreamOptions<T extends EventType = EventType> extends EventFilter<T> {
  /** The place in the ledger to go on from; the stream begins now without it. */
  after?: string
  signal?: AbortSignal
  /** Told each time that the connection is made. */
  onConnect?: () => void
  /** Told each time that it is lost, or could not be made; what this throws ends the stream. */
  onLost?: (reason: unknown) => void
}

type EventOf<T extends EventType> = Extract<LedgerEvent, { type: T }>

/** An event and its place in the ledger, to go on after. */
export interface StreamedEvent<T extends EventType = EventType> {
  cursor: string
  event: EventOf<T>
  /** The event's JSON as the server keeps it: the body of its deliveries, byte for byte. */
  body: string
}

/** The server gives a sign of life every 15 s: three missing ones mean that the connection is dead. */
const silenceMs = 45_000

/** A connection that held so long was a good one: what comes after it is a first failure. */
const goodAfterMs = 10_000

/** The ledger: everything that happened, in order. */
export function createEvents(call: Call, openStream: OpenStream) {
  const list = (query: QueryOf<typeof listEvents> = {}, options?: CallOptions) =>
    call(listEvents, { query }, options)
  return {
    /** A page of events after a place in the ledger. */
    list,
    /** Events up to the end of the ledger, one after the other. */
    all: <T extends EventType = EventType>({
      after,
      limit = 100,
      ...options
    }: CallOptions & EventFilter<T> & { after?: string; limit?: number } = {}) =>
      allPages(async (cursor) => {
        const from = cursor ?? after
        const query = { limit, ...filterQuery(options), ...(from !== undefined && { after: from }) }
        const page = await list(query, options)
        return { items: page.events as EventOf<T>[], nextCursor: page.nextCursor }
      }),
    /**
     * Events as they happen, without end: a lost connection is made again and goes on where it was, so each event comes
     * once. Throws what will not pass, such as a wrong key; ends quietly when the signal aborts.
     */
    stream: <T extends EventType = EventType>(options: StreamOptions<T> = {}) =>
      streamEvents(openStream, options),
  }
}

const filterQuery = ({ roomId, types }: EventFilter) => ({
  ...(roomId !== undefined && { roomId }),
  ...(types !== undefined && { types: types.join(',') }),
})

async function* streamEvents<T extends EventType>(
  openStream: OpenStream,
  options: StreamOptions<T>,
): AsyncGenerator<StreamedEvent<T>> {
  const { signal, onConnect, onLost } = options
  const query = new URLSearchParams(filterQuery(options)).toString()
  const path = `${listEvents.path}${query && `?${query}`}`
  let cursor = options.after
  for (let failures = 0; !signal?.aborted; failures++) {
    let connectedAt: number | undefined
    let lost: unknown
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(cursor !== undefined && { 'last-event-id': cursor }),
      }
      const body = await openStream(path, { ...(signal && { signal }), headers })
      connectedAt = performance.now()
      onConnect?.()
      const parser = createEventParser()
      for await (const bytes of readBytes(body, signal)) {
        for (const { id, data } of parser.push(bytes)) {
          if (signal?.aborted) return
          if (id === undefined) continue
          cursor = id
          yield { cursor, event: JSON.parse(data) as EventOf<T>, body: data }
        }
        // The server tells the place that a stream begins at, so nothing is missed when it breaks before its first event.
        cursor = parser.lastEventId ?? cursor
      }
      lost = new ConnectionError('The event stream ended')
    } catch (error) {
      if (signal?.aborted) return
      if (!mayHeal(error)) throw error
      lost = error
    }
    onLost?.(lost)
    if (connectedAt !== undefined && performance.now() - connectedAt > goodAfterMs) failures = 0
    await pause(pauseBefore(failures, lost, Math.random), signal).catch(() => undefined)
  }
}

/** What may be otherwise at the next try; a proxy's 502 while the server restarts is that too. */
const mayHeal = (error: unknown) =>
  mayPass(error) || (error instanceof UnexpectedAnswerError && error.status >= 500)

async function* readBytes(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { done, value } = await beforeSilence(reader.read(), signal)
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** What is read; rejects at once when the signal aborts, whether the connection heeds it or not. */
function beforeSilence<T>(reading: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal?.reason)
    const timer = setTimeout(
      () => reject(new TimeoutError('The event stream gave no sign of life')),
      silenceMs,
    )
    signal?.addEventListener('abort', abort, { once: true })
    reading
      .then(resolve, (error) => reject(new ConnectionError('The event stream broke', { cause: error })))
      .finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      })
  })
}
