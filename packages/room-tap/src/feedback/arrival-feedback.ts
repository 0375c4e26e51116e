import { ownSsrc } from '../rtp/rtcp.ts'
import { createUnwrapper } from '../rtp/unwrap.ts'

/** Tells LiveKit when each packet arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
export interface ArrivalFeedback {
  arrived(transportSequence: number, arrivedAtMs: number): void
  /** Packets on all that arrived since the last time; the SSRC is any that LiveKit knows. */
  write(mediaSsrc: number): Buffer[]
}

/** Times are told in quarters of a millisecond, the first one's in units of 64 ms. */
const tickMs = 0.25
const referenceMs = 64
/** Packets in one telling, and those told as missing before the first. */
const mostInOne = 2_000
const mostMissing = 1_000
const mostApart = 0x7fff

interface Arrival {
  sequence: number
  arrivedAtMs: number
}

export function createArrivalFeedback(): ArrivalFeedback {
  const unwrap = createUnwrapper(16)
  let arrivals: Arrival[] = []
  let next: number | undefined
  let count = 0

  return {
    arrived: (transportSequence, arrivedAtMs) => {
      const sequence = unwrap(transportSequence)
      // What was told as missing is not told again.
      if (next === undefined || sequence >= next) arrivals.push({ sequence, arrivedAtMs })
    },
    write: (mediaSsrc) => {
      const sorted = arrivals.sort((a, b) => a.sequence - b.sequence)
      arrivals = []
      const packets: Buffer[] = []
      while (sorted.length > 0) {
        const first = (sorted[0] as Arrival).sequence
        const base = Math.max(next ?? first, first - mostMissing)
        const told = sorted.splice(0, countFitting(sorted, base))
        next = (told.at(-1) as Arrival).sequence + 1
        packets.push(writePacket({ mediaSsrc, base, arrivals: told, count: count++ & 0xff }))
      }
      return packets
    },
  }
}

/** How many of the arrivals one packet can tell. */
function countFitting(arrivals: Arrival[], base: number): number {
  let before = arrivals[0]?.arrivedAtMs ?? 0
  const at = arrivals.findIndex(({ sequence, arrivedAtMs }) => {
    const isFar = Math.abs(arrivedAtMs - before) / tickMs >= mostApart || sequence - base >= mostInOne
    before = arrivedAtMs
    return isFar
  })
  return at === -1 ? arrivals.length : Math.max(1, at)
}

function writePacket(packet: {
  mediaSsrc: number
  base: number
  arrivals: Arrival[]
  count: number
}): Buffer {
  const { mediaSsrc, base, arrivals, count } = packet
  const reference = Math.floor((arrivals[0]?.arrivedAtMs ?? 0) / referenceMs)
  const deltaOf = new Map<number, number>()
  let tick = Math.round((reference * referenceMs) / tickMs)
  for (const { sequence, arrivedAtMs } of arrivals) {
    const now = Math.round(arrivedAtMs / tickMs)
    if (deltaOf.has(sequence)) continue
    deltaOf.set(sequence, now - tick)
    tick = now
  }
  const total = (arrivals.at(-1)?.sequence ?? base) - base + 1
  const symbols = Array.from({ length: total }, (_, index) => symbolOf(deltaOf.get(base + index)))
  const chunks = chunksOf(symbols)
  const deltas = Buffer.concat([...deltaOf.values()].map(writeDelta))
  const length = 20 + chunks.length + deltas.length
  const buffer = Buffer.alloc(Math.ceil(length / 4) * 4)
  const padding = buffer.length - length
  buffer[0] = 0x80 | (padding > 0 ? 0x20 : 0) | 15
  buffer[1] = 205
  buffer.writeUInt16BE(buffer.length / 4 - 1, 2)
  buffer.writeUInt32BE(ownSsrc, 4)
  buffer.writeUInt32BE(mediaSsrc, 8)
  buffer.writeUInt16BE(base & 0xffff, 12)
  buffer.writeUInt16BE(total, 14)
  buffer.writeUIntBE(reference & 0xffffff, 16, 3)
  buffer[19] = count
  chunks.copy(buffer, 20)
  deltas.copy(buffer, 20 + chunks.length)
  if (padding > 0) buffer[buffer.length - 1] = padding
  return buffer
}

/** 0: not received, 1: with a time of one byte, 2: of two. */
const symbolOf = (delta: number | undefined) => (delta === undefined ? 0 : isSmall(delta) ? 1 : 2)
const isSmall = (delta: number) => delta >= 0 && delta <= 0xff

function writeDelta(delta: number): Buffer {
  if (isSmall(delta)) return Buffer.of(delta)
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(Math.max(-0x8000, Math.min(mostApart, delta)))
  return buffer
}

/** Seven symbols of two bits in each chunk. */
function chunksOf(symbols: number[]): Buffer {
  const chunks = Buffer.alloc(2 * Math.ceil(symbols.length / 7))
  for (let chunk = 0; chunk < chunks.length / 2; chunk++) {
    let bits = 0xc000
    for (let at = 0; at < 7; at++) bits |= (symbols[7 * chunk + at] ?? 0) << (12 - 2 * at)
    chunks.writeUInt16BE(bits, 2 * chunk)
  }
  return chunks
}
