import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PacketStatus, RtcpHeader, TransportWideCC } from 'werift'
import { createArrivalFeedback } from './arrival-feedback.ts'

/** What a packet tells: sequence number (16 bits) and time of each that arrived, by a reader of its own. */
function read(packet: Buffer): [sequence: number, atMs: number][] {
  const base = packet.readUInt16BE(12)
  const total = packet.readUInt16BE(14)
  const chunks = Math.ceil(total / 7)
  let at = 20 + 2 * chunks
  let timeMs = packet.readUIntBE(16, 3) * 64
  const arrivals: [number, number][] = []
  for (let index = 0; index < total; index++) {
    const symbol = (packet.readUInt16BE(20 + 2 * Math.floor(index / 7)) >> (12 - 2 * (index % 7))) & 3
    if (symbol === 0) continue
    timeMs += (symbol === 1 ? packet.readUInt8(at) : packet.readInt16BE(at)) / 4
    at += symbol
    arrivals.push([(base + index) & 0xffff, timeMs])
  }
  return arrivals
}

test('each arrival is told once with its time to a quarter of a millisecond, in any order and over the wrap', () => {
  const packets = fc.uniqueArray(
    fc.record({ sequence: fc.nat(900), atMs: fc.double({ min: 0, max: 20_000, noNaN: true }) }),
    {
      selector: ({ sequence }) => sequence,
      minLength: 1,
    },
  )
  fc.assert(
    fc.property(packets, fc.constantFrom(0, 65_000), (arrivals, from) => {
      const feedback = createArrivalFeedback()
      const startMs = 64_000_000
      for (const { sequence, atMs } of arrivals) feedback.arrived((from + sequence) & 0xffff, startMs + atMs)
      const told = new Map(feedback.write(7).flatMap(read))
      expect(told.size).toBe(arrivals.length)
      for (const { sequence, atMs } of arrivals) {
        const toldMs = told.get((from + sequence) & 0xffff) ?? Number.NaN
        // The reference time is kept to 24 bits.
        expect(Math.abs(toldMs - ((startMs + atMs) % (2 ** 24 * 64)))).toBeLessThanOrEqual(0.25)
      }
      expect(feedback.write(7)).toEqual([])
    }),
  )
})

test('what is missing between two tellings is told as missing, and not again when it comes after all', () => {
  const feedback = createArrivalFeedback()
  feedback.arrived(1, 100)
  feedback.write(7)
  feedback.arrived(4, 120)
  const [packet = Buffer.alloc(0)] = feedback.write(7)
  expect([packet.readUInt16BE(12), packet.readUInt16BE(14)]).toEqual([2, 3])
  feedback.arrived(3, 130)
  expect(feedback.write(7)).toEqual([])
})

test('another reader of the format finds the same', () => {
  const feedback = createArrivalFeedback()
  for (const [sequence, atMs] of [
    [10, 6_400],
    [11, 6_401],
    [13, 6_500.5],
  ] as const)
    feedback.arrived(sequence, atMs)
  const [packet = Buffer.alloc(0)] = feedback.write(0x01020304)
  const header = RtcpHeader.deSerialize(packet.subarray(0, 4))
  const decoded = TransportWideCC.deSerialize(packet.subarray(4), header)
  expect(decoded).toMatchObject({ mediaSourceSsrc: 0x01020304, baseSequenceNumber: 10, packetStatusCount: 4 })
  expect(decoded.referenceTime).toBe(100)
  expect(decoded.recvDeltas.map(({ delta, type }) => [delta, type])).toEqual([
    [0, PacketStatus.TypeTCCPacketReceivedSmallDelta],
    [1_000, PacketStatus.TypeTCCPacketReceivedSmallDelta],
    [99_500, PacketStatus.TypeTCCPacketReceivedLargeDelta],
  ])
})
