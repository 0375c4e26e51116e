import type { ReceptionReport } from '../rtp/rtcp.ts'
import { createUnwrapper } from '../rtp/unwrap.ts'

/** Counts what the network delivered of one SSRC, before any repair (RFC 3550, 6.4.1 and appendix A). */
export interface Reception {
  received(packet: { sequenceNumber: number; timestamp: number; length: number }, arrivedAtMs: number): void
  /** The middle 32 bits of the time in a sender report, and when it came. */
  reported(compactNtp: number, arrivedAtMs: number): void
  /** What happened since the last time; undefined when nothing has ever come. */
  report(
    nowMs: number,
  ): { report: ReceptionReport; expected: number; lost: number; bytes: number } | undefined
}

export function createReception(ssrc: number, clockRate: number): Reception {
  const unwrap = createUnwrapper(16)
  let first: number | undefined
  let highest = 0
  let received = 0
  let bytes = 0
  let jitter = 0
  let transit: number | undefined
  let lastReport: { compactNtp: number; arrivedAtMs: number } | undefined
  let before = { expected: 0, received: 0, bytes: 0 }

  return {
    received: ({ sequenceNumber, timestamp, length }, arrivedAtMs) => {
      const sequence = unwrap(sequenceNumber)
      if (first === undefined || sequence > highest) highest = sequence
      first = Math.min(first ?? sequence, sequence)
      received++
      bytes += length
      const now = Math.floor((arrivedAtMs * clockRate) / 1_000) - timestamp
      const change = Math.abs(now - (transit ?? now)) % 2 ** 32
      transit = now
      // A time stamp that wraps changes by a whole turn.
      if (change < 2 ** 31) jitter += (change - jitter) / 16
    },
    reported: (compactNtp, arrivedAtMs) => {
      lastReport = { compactNtp, arrivedAtMs }
    },
    report: (nowMs) => {
      if (first === undefined) return undefined
      const expected = highest - first + 1
      const since = {
        expected: expected - before.expected,
        received: received - before.received,
        bytes: bytes - before.bytes,
      }
      before = { expected, received, bytes }
      const lost = Math.max(0, since.expected - since.received)
      const report = {
        ssrc,
        fractionLost: since.expected > 0 ? Math.min(255, Math.floor((256 * lost) / since.expected)) : 0,
        packetsLost: Math.min(0x7fffff, Math.max(0, expected - received)),
        highestSequence: ((highest % 2 ** 32) + 2 ** 32) % 2 ** 32,
        jitter: Math.min(0xffffffff, Math.floor(jitter)),
        lastReport: lastReport?.compactNtp ?? 0,
        sinceLastReport: lastReport ? Math.floor(((nowMs - lastReport.arrivedAtMs) * 65_536) / 1_000) : 0,
      }
      return { report, expected: Math.max(0, since.expected), lost, bytes: since.bytes }
    },
  }
}
