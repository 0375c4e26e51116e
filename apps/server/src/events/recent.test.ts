import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createRecentReading } from './recent.ts'
import type { EventFilter, Reading, RecordedEvent } from './store.ts'

/** A ledger in memory, read as the one in the database is. */
function ledgerOf() {
  const events: RecordedEvent[] = []
  let last = 0
  const end = async () => String(last)
  const read = vi.fn(
    async (after: string, { roomId, types }: EventFilter, limit: number): Promise<Reading> => {
      const found = events.filter(
        ({ position, room, type }) =>
          Number(position) > Number(after) &&
          (!roomId || room === roomId) &&
          (!types || types.includes(type)),
      )
      const page = found.slice(0, limit)
      const reached =
        page.length === limit ? (page.at(-1)?.position ?? after) : String(Math.max(last, Number(after)))
      return { events: page, reached, isEnd: Number(reached) >= last }
    },
  )
  /** Positions have gaps, as those of the database. */
  const write = (room: string, type: string) => {
    last += 1 + (last % 3)
    events.push({ position: String(last), room, type, body: JSON.stringify({ room, type, last }) })
  }
  return { events, end, read, write, last: () => last }
}

const rooms = fc.constantFrom('a', 'b')
const types = fc.constantFrom('room_created', 'room_closed')
const action = fc.oneof(
  fc.record({ write: fc.constant(true), room: rooms, type: types }),
  fc.record({
    write: fc.constant(false),
    back: fc.nat(12),
    limit: fc.integer({ min: 1, max: 5 }),
    filter: fc.record({ roomId: rooms, types: fc.array(types, { minLength: 1 }) }, { requiredKeys: [] }),
  }),
)

test('whoever follows sees what is in the ledger, each event once and in order, however much is kept', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 40 }),
      fc.integer({ min: 0, max: 400 }),
      async (steps, maxKept) => {
        const ledger = ledgerOf()
        const read = createRecentReading({ read: ledger.read, end: ledger.end, maxKept })
        for (const step of steps) {
          if ('room' in step) {
            ledger.write(step.room, step.type)
            continue
          }
          const from = Math.max(0, ledger.last() - step.back)
          const seen: string[] = []
          let after = String(from)
          for (let isEnd = false; !isEnd; ) {
            const reading = await read(after, step.filter, step.limit)
            expect(reading.events.length).toBeLessThanOrEqual(step.limit)
            seen.push(...reading.events.map(({ position }) => position))
            after = reading.reached
            isEnd = reading.isEnd
          }
          const all = await ledger.read(String(from), step.filter, 1000)
          expect(seen).toEqual(all.events.map(({ position }) => position))
          expect(Number(after)).toBe(Math.max(from, ledger.last()))
        }
      },
    ),
  )
})

test('a hundred who follow cost one reading of the database, or two', async () => {
  const ledger = ledgerOf()
  const read = createRecentReading({ read: ledger.read, end: ledger.end })
  await read('0', {}, 50)
  ledger.read.mockClear()
  for (let count = 0; count < 10; count++) ledger.write('a', 'room_created')
  const readings = await Promise.all(Array.from({ length: 100 }, () => read('0', { roomId: 'a' }, 50)))
  expect(readings.every(({ events }) => events.length === 10)).toBe(true)
  expect(ledger.read.mock.calls.length).toBeLessThanOrEqual(2)
})

test('a reading that fails fails those that waited for it, and the next one sees everything', async () => {
  const ledger = ledgerOf()
  const read = createRecentReading({ read: ledger.read, end: ledger.end })
  await read('0', {}, 50)
  ledger.write('a', 'room_created')
  ledger.read.mockRejectedValueOnce(new Error('away'))
  await expect(read('0', {}, 50)).rejects.toThrow('away')
  expect((await read('0', {}, 50)).events).toHaveLength(1)
})
