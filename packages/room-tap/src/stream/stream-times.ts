import { createUnwrapper, nearest } from '../rtp/unwrap.ts'
import type { OrderedPacket } from './ordered-stream.ts'
import type { SenderClock } from './sender-clock.ts'
import { createTrackClock } from './track-clock.ts'

export interface PlacedTime {
  /** Without wrap, over all streams of the track. */
  timestamp: number
  capturedAtMs: number
}

/** A sender report: what the sender's clock showed at a time stamp (32 bits). */
export interface SenderReport {
  timestamp: number
  senderMs: number
}

/** Gives the packets of one stream, in their order, time stamps without wrap and times of capture. */
export interface StreamTimes {
  report(report: SenderReport): void
  /** The first packet's time stamp is as much after `before` as it was captured after it. */
  place(packet: OrderedPacket, before: PlacedTime | undefined): PlacedTime
  /** See TrackClock. */
  readonly transitMs: number
}

/** A stream whose track had one before it, which needed `transitMs` on its way, or 0. */
export function openStreamTimes(sender: SenderClock, transitMs: number): StreamTimes {
  const unwrap = createUnwrapper(32)
  let clock: ReturnType<typeof createTrackClock> | undefined
  let raw: number | undefined
  let offset: number | undefined
  // Until a packet tells the rate of the clock.
  let held: SenderReport | undefined

  const report = ({ timestamp, senderMs }: SenderReport) => {
    if (clock && raw !== undefined) clock.report({ timestamp: nearest(timestamp, raw, 2 ** 32), senderMs })
    else held = { timestamp, senderMs }
  }
  return {
    report,
    place: ({ timestamp, arrivedAtMs, format: { clockRate } }, before) => {
      raw = unwrap(timestamp)
      clock ??= createTrackClock({ clockRate, sender, transitMs })
      if (held) report(held)
      held = undefined
      const capturedAtMs = clock.capturedAtMs(raw, arrivedAtMs)
      if (offset === undefined && before) {
        const ticks = Math.round(((capturedAtMs - before.capturedAtMs) * clockRate) / 1_000)
        offset = before.timestamp + Math.max(1, ticks) - raw
      }
      offset ??= 0
      return { timestamp: raw + offset, capturedAtMs }
    },
    get transitMs() {
      return clock?.transitMs ?? transitMs
    },
  }
}
