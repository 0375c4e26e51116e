import { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { problems } from '../http/problem.ts'
import { type Bell, createBell } from './bell.ts'
import type { EventFilter, Reading, RecordedEvent } from './store.ts'

const pageSize = 50
const bufferBytes = 65_536
const retryMs = 2000

interface EventStreamOptions {
  read: (after: string, filter: EventFilter, limit: number) => Promise<Reading>
  end: () => Promise<string>
  log: Logger
  /** Milliseconds between signs of life; 15 000 unless told. */
  heartbeatMs?: number
  /** A reader that takes nothing for so long is cut off; 30 000 unless told. */
  patienceMs?: number
  /** Streams at once; 200 unless told. */
  maxStreams?: number
}

/** The other side of a stream. */
interface Reader {
  /** Rung when the ledger has grown, and when the reader has gone. */
  bell: Bell
  gone: boolean
  /** Since when it has not taken what it was given. */
  waitsSince: number | undefined
}

/**
 * The ledger as server-sent events. A stream reads the ledger as fast as its reader takes it, so it holds one page at
 * most, and a reader that was cut off goes on from the last id it has.
 */
export function createEventStreams(options: EventStreamOptions) {
  const { read, end, log, heartbeatMs = 15_000, patienceMs = 30_000, maxStreams = 200 } = options
  const open = new Map<Readable, Reader>()

  async function* frames(after: string, filter: EventFilter, reader: Reader) {
    let position = after
    let spokeAt = performance.now()
    // With the place it begins at: who is cut off before the first event goes on from there, not from the end.
    yield `retry: ${retryMs}\nid: ${position}\n\n`
    while (!reader.gone) {
      // Before the ledger is read, so that nothing written meanwhile is missed.
      reader.bell.silence()
      const reading = await read(position, filter, pageSize).catch((error) => {
        log.warn({ err: error }, 'an event stream waits for the database')
        return undefined
      })
      position = reading?.reached ?? position
      for (const text of inPieces(reading?.events ?? [])) {
        reader.waitsSince = performance.now()
        yield text
        reader.waitsSince = undefined
        spokeAt = performance.now()
      }
      // Also where the ledger grows all the time by what this stream leaves out.
      if (performance.now() - spokeAt >= heartbeatMs) {
        yield ':\n\n'
        spokeAt = performance.now()
      }
      if (!reading) await reader.bell.rings(retryMs)
      else if (reading.isEnd) await reader.bell.rings(spokeAt + heartbeatMs - performance.now())
    }
  }

  function openAt(after: string, filter: EventFilter): Readable {
    const reader: Reader = { bell: createBell(), gone: false, waitsSince: undefined }
    const texts = frames(after, filter, reader)
    const stream = new Readable({
      highWaterMark: bufferBytes,
      read: () => {
        texts.next().then(
          ({ value }) => reader.gone || stream.push(value),
          (error) => stream.destroy(error),
        )
      },
      // At once: what is waited for at this moment must hold up neither a new stream nor the end of the server.
      destroy: (error, done) => {
        clearInterval(watch)
        open.delete(stream)
        reader.gone = true
        reader.bell.ring()
        done(error)
      },
    })
    const watch = setInterval(() => {
      if (reader.waitsSince !== undefined && performance.now() - reader.waitsSince > patienceMs)
        stream.destroy(new Error('the reader of an event stream takes nothing'))
    }, patienceMs / 4)
    open.set(stream, reader)
    stream.on('error', (error) => log.debug({ err: error }, 'event stream ended'))
    return stream
  }

  return {
    /** Streams what comes after a position, or from now on. */
    async open(after: string | undefined, filter: EventFilter): Promise<Readable> {
      const from = after ?? (await end())
      if (open.size >= maxStreams) throw problems.rateLimited('event streams', retryMs / 1000)
      return openAt(from, filter)
    },

    /** Tells every stream that the ledger has grown. */
    wake(): void {
      for (const { bell } of open.values()) bell.ring()
    },

    /** Ends every stream. */
    async close(): Promise<void> {
      for (const stream of open.keys()) stream.destroy()
    },
  }
}

export type EventStreams = ReturnType<typeof createEventStreams>

/** Frames put together up to the size of the buffer, so that a reader shows with each that it still takes something. */
function* inPieces(events: RecordedEvent[]): Generator<string> {
  let text = ''
  for (const event of events) {
    text += frame(event)
    if (text.length < bufferBytes) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

/** JSON has no line breaks, so a body is one line. */
const frame = ({ position, type, body }: RecordedEvent) =>
  `id: ${position}\nevent: ${type}\ndata: ${body}\n\n`
