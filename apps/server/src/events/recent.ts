import { createBatching } from '../database/batching.ts'
import type { EventFilter, Reading, RecordedEvent } from './store.ts'

type Read = (after: string, filter: EventFilter, limit: number) => Promise<Reading>

interface RecentOptions {
  read: Read
  end: () => Promise<string>
  /** Characters of events that are kept; 4 million unless told. */
  maxKept?: number
}

const pageSize = 500

/**
 * Reads the end of the ledger once for everyone who follows it, so that many streams cost the database as little as one.
 * Every reading sees what was written before it was asked for; what lies further back is read for the one who asks.
 */
export function createRecentReading({ read, end, maxKept = 4_000_000 }: RecentOptions): Read {
  /** What lies between two positions: all of it. */
  const kept: { after: number; until: number; events: RecordedEvent[]; size: number } = {
    after: -1,
    until: -1,
    events: [],
    size: 0,
  }

  const catchUp = createBatching<undefined, undefined>(async () => {
    if (kept.until < 0) kept.after = kept.until = Number(await end())
    for (let isEnd = false; !isEnd; ) {
      const reading = await read(String(kept.until), {}, pageSize)
      keep(reading)
      isEnd = reading.isEnd
    }
    return []
  })

  function keep({ events, reached }: Reading): void {
    kept.events.push(...events)
    kept.size += events.reduce((sum, { body }) => sum + body.length, 0)
    kept.until = Number(reached)
    let dropped = 0
    while (kept.size > maxKept && dropped < kept.events.length) {
      const { position, body } = kept.events[dropped++] as RecordedEvent
      kept.after = Number(position)
      kept.size -= body.length
    }
    kept.events.splice(0, dropped)
  }

  return async (after, filter, limit) => {
    await catchUp(undefined)
    const from = Number(after)
    if (from < kept.after) return read(after, filter, limit)
    const first = kept.events.findLastIndex(({ position }) => Number(position) <= from) + 1
    const found = kept.events.slice(first).filter((event) => isWanted(event, filter))
    const events = found.slice(0, limit)
    const isEnd = found.length <= limit
    const reached = isEnd ? String(Math.max(from, kept.until)) : (events.at(-1)?.position ?? after)
    return { events, reached, isEnd }
  }
}

const isWanted = ({ room, type }: RecordedEvent, { roomId, types }: EventFilter) =>
  (roomId === undefined || room === roomId) && (types?.includes(type) ?? true)
