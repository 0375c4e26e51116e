import { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { problems } from '../http/problem.ts'
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

/**
 * The ledger as server-sent events. A stream reads the ledger as fast as its reader takes it, so it holds one page at
 * most, and a reader that was cut off goes on from the last id it has.
 */
export function createEventStreams(options: EventStreamOptions) {
  const { read, end, log, heartbeatMs = 15_000, patienceMs = 30_000, maxStreams = 200 } = options
  const open = new Set<Readable>()
  let news = Promise.withResolvers<void>()

  async function* frames(after: string, filter: EventFilter, reader: { waitsSince: number | undefined }) {
    let position = after
    // With the place it begins at: who is cut off before the first event goes on from there, not from the end.
    yield `retry: ${retryMs}\nid: ${position}\n\n`
    for (;;) {
      // Taken before the ledger is read, so that nothing written meanwhile is missed.
      const { promise } = news
      const reading = await read(position, filter, pageSize).catch((error) => {
        log.warn({ err: error }, 'an event stream waits for the database')
        return undefined
      })
      position = reading?.reached ?? position
      if (reading && reading.events.length > 0) {
        reader.waitsSince = performance.now()
        yield reading.events.map(frame).join('')
        reader.waitsSince = undefined
      }
      if (reading && !reading.isEnd) continue
      if (!(await settlesWithin(promise, reading ? heartbeatMs : retryMs))) yield ':\n\n'
    }
  }

  function openAt(after: string, filter: EventFilter): Readable {
    const reader: { waitsSince: number | undefined } = { waitsSince: undefined }
    const stream = Readable.from(frames(after, filter, reader), {
      objectMode: false,
      highWaterMark: bufferBytes,
    })
    const watch = setInterval(() => {
      if (reader.waitsSince !== undefined && performance.now() - reader.waitsSince > patienceMs)
        stream.destroy(new Error('the reader of an event stream takes nothing'))
    }, patienceMs / 4)
    open.add(stream)
    stream.on('error', (error) => log.debug({ err: error }, 'event stream ended'))
    stream.on('close', () => {
      clearInterval(watch)
      open.delete(stream)
    })
    return stream
  }

  return {
    /** Streams what comes after a position, or from now on. */
    async open(after: string | undefined, filter: EventFilter): Promise<Readable> {
      if (open.size >= maxStreams) throw problems.rateLimited('event streams', retryMs / 1000)
      return openAt(after ?? (await end()), filter)
    },

    /** Tells every stream that the ledger has grown. */
    wake(): void {
      news.resolve()
      news = Promise.withResolvers()
    },

    /** Ends every stream. */
    async close(): Promise<void> {
      for (const stream of open) stream.destroy()
    },
  }
}

export type EventStreams = ReturnType<typeof createEventStreams>

/** JSON has no line breaks, so a body is one line. */
const frame = ({ position, type, body }: RecordedEvent) =>
  `id: ${position}\nevent: ${type}\ndata: ${body}\n\n`

async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  const settled = await Promise.race([promise.then(() => true as const), late])
  clearTimeout(timer)
  return settled
}
