import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReorderBuffer } from './reorder.ts'

/** Numbers from 0, each with where it stands after it was overtaken; some twice, some never. */
const traffic = fc
  .array(fc.record({ delay: fc.nat({ max: 20 }), copies: fc.constantFrom(0, 1, 1, 1, 1, 2) }), {
    minLength: 1,
  })
  .map((packets) =>
    packets
      .flatMap(({ delay, copies }, sequence) =>
        Array.from({ length: copies }, (_, copy) => ({ sequence, at: sequence + delay * (copy + 1) })),
      )
      .sort((a, b) => a.at - b.at)
      .map(({ sequence }) => sequence),
  )

test('what comes goes out once and in order, whatever overtakes, comes twice or never', () => {
  fc.assert(
    fc.property(traffic, fc.nat(10), (arrivals, startAfter) => {
      const buffer = createReorderBuffer<string>()
      const out: number[] = []
      const takeAll = () => {
        for (const [sequence, item] of buffer.take()) {
          expect(item).toBe(`packet ${sequence}`)
          out.push(sequence)
        }
      }
      for (const [index, sequence] of arrivals.entries()) {
        buffer.add(sequence, `packet ${sequence}`, index)
        if (index >= startAfter) buffer.start(index)
        takeAll()
        expect(buffer.missingCount === 0 || buffer.heldCount > 0).toBe(true)
      }
      buffer.start(0)
      for (takeAll(); buffer.heldCount > 0; takeAll()) expect(buffer.giveUp()).toBeDefined()
      const first = out[0] ?? 0
      const expected = [...new Set(arrivals)].filter((sequence) => sequence >= first).sort((a, b) => a - b)
      expect(out).toEqual(expected)
      expect(buffer.missingCount).toBe(0)
    }),
  )
})

test('it knows what is missing and since when, the oldest first', () => {
  const buffer = createReorderBuffer<string>()
  buffer.add(10, 'a', 0)
  expect([...buffer.take()]).toEqual([])
  buffer.start(5)
  buffer.add(13, 'd', 20)
  buffer.add(15, 'f', 30)
  buffer.add(12, 'c', 40)
  expect([...buffer.take()]).toEqual([[10, 'a']])
  expect([...buffer.missing()].map(({ sequence, sinceMs }) => [sequence, sinceMs])).toEqual([
    [11, 20],
    [14, 30],
  ])
  expect(buffer.giveUp()).toEqual({ from: 11, to: 11 })
  expect([...buffer.take()]).toEqual([
    [12, 'c'],
    [13, 'd'],
  ])
  expect(buffer.add(11, 'late', 50)).toBe(false)
})

test('before it has started, the lowest number that came is the first', () => {
  const buffer = createReorderBuffer<string>()
  for (const sequence of [7, 5, 8]) buffer.add(sequence, `packet ${sequence}`, 0)
  buffer.start(50)
  expect([...buffer.take()]).toEqual([[5, 'packet 5']])
  expect([...buffer.missing()].map(({ sequence }) => sequence)).toEqual([6])
})
