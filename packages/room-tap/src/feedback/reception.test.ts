import { expect, test } from 'vitest'
import { createReception } from './reception.ts'

const packet = (sequence: number) => ({
  sequenceNumber: sequence & 0xffff,
  timestamp: 960 * sequence,
  length: 100,
})

test('a report tells what was lost since the last, and in all, over the wrap', () => {
  const reception = createReception(7, 48_000)
  expect(reception.report(0)).toBeUndefined()
  for (let index = 0; index < 100; index++)
    if (index % 4 !== 3) reception.received(packet(65_500 + index), 20 * index)
  const first = reception.report(2_000)
  // The last one is missing too, but nobody can know.
  expect(first).toMatchObject({ expected: 99, lost: 24, bytes: 7_500 })
  expect(first?.report).toMatchObject({ ssrc: 7, fractionLost: 62, packetsLost: 24, highestSequence: 65_598 })
  for (let index = 100; index < 200; index++) reception.received(packet(65_500 + index), 20 * index)
  expect(reception.report(4_000)).toMatchObject({
    expected: 101,
    lost: 1,
    report: { packetsLost: 25, jitter: 0 },
  })
})

test('a report answers the last one of the sender', () => {
  const reception = createReception(7, 48_000)
  reception.received(packet(0), 0)
  reception.reported(0x12345678, 1_000)
  expect(reception.report(1_500)?.report).toMatchObject({ lastReport: 0x12345678, sinceLastReport: 32_768 })
})

test('packets that come twice are no fewer than none lost', () => {
  const reception = createReception(7, 48_000)
  for (const sequence of [1, 2, 2, 3, 3]) reception.received(packet(sequence), 20 * sequence)
  expect(reception.report(100)).toMatchObject({ lost: 0, report: { fractionLost: 0, packetsLost: 0 } })
})

test('jitter is what transit times differ by', () => {
  const reception = createReception(7, 48_000)
  for (let index = 0; index < 500; index++) reception.received(packet(index), 20 * index + (index % 2) * 10)
  // Ten milliseconds are 480 units.
  expect(reception.report(10_000)?.report.jitter).toBeGreaterThan(450)
  expect(reception.report(10_000)?.report.jitter).toBeLessThan(490)
})
