import { once } from 'node:events'
import { type Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import type { EventFilter, Reading } from './store.ts'
import { createEventStreams } from './stream.ts'

const log = pino({ level: 'silent' })

/** A ledger of events that are bare numbers, and what was asked of it. */
function ledgerOf(count: number, bodyBytes = 10) {
  const body = 'x'.repeat(bodyBytes)
  const asked: string[] = []
  let isAway = false
  return {
    asked,
    grow: (more: number) => {
      count += more
    },
    setAway: (away: boolean) => {
      isAway = away
    },
    end: async () => String(count),
    read: async (after: string, { types }: EventFilter, limit: number): Promise<Reading> => {
      asked.push(after)
      if (isAway) throw new Error('the database is away')
      const last = types ? Number(after) : Math.min(count, Number(after) + limit)
      const positions = Array.from({ length: last - Number(after) }, (_, index) => Number(after) + index + 1)
      return {
        events: positions.map((at) => ({ position: String(at), room: 'room', type: 'room_created', body })),
        reached: String(types ? count : last),
        isEnd: types !== undefined || last === count,
      }
    },
  }
}

const opened: ReturnType<typeof createEventStreams>[] = []
afterEach(() => Promise.all(opened.splice(0).map((streams) => streams.close())))

function streamsOf(
  { read, end }: Pick<ReturnType<typeof ledgerOf>, 'read' | 'end'>,
  options: { heartbeatMs?: number; patienceMs?: number; maxStreams?: number } = {},
) {
  const streams = createEventStreams({ read, end, log, ...options })
  opened.push(streams)
  return streams
}

/** Reads a stream to its end, and what has come of it so far. */
function listen(stream: Readable) {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return {
    text: () => text,
    ids: () => [...text.matchAll(/^id: (\d+)\nevent/gm)].map(([, id]) => Number(id)),
    signs: () => text.split('\n\n').filter((frame) => frame === ':').length,
  }
}

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

test('tells what there is after a place, and then what is new', async () => {
  const ledger = ledgerOf(120)
  const streams = streamsOf(ledger)
  const heard = listen(await streams.open('10', {}))
  await eventually(() => heard.ids().length === 110)
  ledger.grow(1)
  streams.wake()
  await eventually(() => heard.ids().length === 111)
  expect(heard.ids()).toEqual(numbers(11, 121))
  expect(heard.text()).toContain('id: 121\nevent: room_created\ndata: xxxxxxxxxx\n\n')
})

test('begins now when no place is given', async () => {
  const ledger = ledgerOf(5)
  const streams = streamsOf(ledger)
  const heard = listen(await streams.open(undefined, {}))
  ledger.grow(1)
  streams.wake()
  await eventually(() => heard.ids().length > 0)
  expect(heard.ids()).toEqual([6])
})

test('gives signs of life when nothing happens', async () => {
  const heard = listen(await streamsOf(ledgerOf(0), { heartbeatMs: 20 }).open('0', {}))
  await eventually(() => heard.signs() >= 3)
})

test('gives signs of life also while only what it leaves out happens', async () => {
  const ledger = ledgerOf(0)
  const streams = streamsOf(ledger, { heartbeatMs: 50 })
  const heard = listen(await streams.open('0', { types: ['room_closed'] }))
  const busy = setInterval(() => {
    ledger.grow(1)
    streams.wake()
  }, 10)
  try {
    await eventually(() => heard.signs() >= 3, { timeoutMs: 2000 })
  } finally {
    clearInterval(busy)
  }
})

test('who takes nothing is cut off, holds little of the ledger, and holds up nobody', async () => {
  const ledger = ledgerOf(2000, 10_000)
  const streams = streamsOf(ledger, { patienceMs: 200 })
  const stalled = await streams.open('0', {})
  stalled.pipe(new Writable({ write: () => undefined }))
  await eventually(() => stalled.destroyed)
  expect(ledger.asked.length).toBeLessThanOrEqual(3)
  const heard = listen(await streams.open('0', {}))
  await eventually(() => heard.ids().length === 2000)
})

test('who is slow but takes is not cut off', async () => {
  const streams = streamsOf(ledgerOf(100, 10_000), { patienceMs: 200 })
  const slow = await streams.open('0', {})
  const seen: number[] = []
  for await (const chunk of slow) {
    seen.push(...[...String(chunk).matchAll(/^id: (\d+)\nevent/gm)].map(([, id]) => Number(id)))
    if (seen.length === 100) break
    await pause(50)
  }
  expect(seen).toEqual(numbers(1, 100))
})

test('a database that is away is waited for, and nothing is missed', async () => {
  const ledger = ledgerOf(3)
  const streams = streamsOf(ledger)
  ledger.setAway(true)
  const heard = listen(await streams.open('0', {}))
  await eventually(() => ledger.asked.length > 0)
  ledger.setAway(false)
  streams.wake()
  await eventually(() => heard.ids().length === 3)
})

test('one stream too many is refused, also of many at once, until another ends', async () => {
  const streams = streamsOf(ledgerOf(0), { maxStreams: 2 })
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => streams.open(undefined, {})))
  const taken = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(taken).toHaveLength(2)
  expect(refused).toHaveLength(3)
  for (const reason of refused) expect(reason).toMatchObject({ status: 429, slug: 'rate-limited' })
  const [first] = taken.map((stream) => ({ stream, heard: listen(stream) }))
  await eventually(() => first?.heard.text() !== '')
  // While it waits for the next event.
  first?.stream.destroy()
  await streams.open('0', {})
})

test('the end of the server ends streams that wait at once', async () => {
  const streams = streamsOf(ledgerOf(0))
  const stream = await streams.open('0', {})
  const heard = listen(stream)
  await eventually(() => heard.text() !== '')
  const closed = once(stream, 'close')
  await streams.close()
  const endedAt = performance.now()
  await closed
  expect(performance.now() - endedAt).toBeLessThan(100)
})
