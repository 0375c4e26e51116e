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
  /**
   * The first packet's time stamp is as much after `before` as it was captured after it. Packets of one time stamp have
   * one time of capture.
   */
  place(packet: OrderedPacket, before: PlacedTime | undefined): PlacedTime
  /** See TrackClock; undefined before the first packet. */
  readonly transitMs: number | undefined
}

/**
 * Sound is on its way when the last sample of a packet has been heard; senders, all that are made of libwebrtc at least,
 * take that for the time of its first. So it arrives, and is reported, later by what a packet holds.
 */
const packetOfSoundMs = 20

/** A stream whose track had one before it that needed `knownTransitMs` on its way, if it had one. */
export function openStreamTimes(sender: SenderClock, knownTransitMs?: number): StreamTimes {
  const unwrap = createUnwrapper(32)
  let clock: ReturnType<typeof createTrackClock> | undefined
  let raw: number | undefined
  let offset: number | undefined
  // Until a packet tells the rate of the clock.
  let held: SenderReport | undefined

  let lateMs = 0
  let placed: PlacedTime | undefined

  const report = ({ timestamp, senderMs }: SenderReport) => {
    if (!clock || raw === undefined) held = { timestamp, senderMs }
    else clock.report({ timestamp: nearest(timestamp, raw, 2 ** 32), senderMs: senderMs - lateMs })
  }
  return {
    report,
    place: ({ timestamp, arrivedAtMs, format: { clockRate, mimeType } }, before) => {
      const unwrapped = unwrap(timestamp)
      if (placed && unwrapped === raw) return placed
      raw = unwrapped
      lateMs = mimeType.startsWith('audio/') ? packetOfSoundMs : 0
      clock ??= createTrackClock({ clockRate, sender, transitMs: knownTransitMs ?? lateMs })
      if (held) report(held)
      held = undefined
      const capturedAtMs = clock.capturedAtMs(raw, arrivedAtMs)
      if (offset === undefined && before) {
        const ticks = Math.round(((capturedAtMs - before.capturedAtMs) * clockRate) / 1_000)
        offset = before.timestamp + Math.max(1, ticks) - raw
      }
      offset ??= 0
      placed = { timestamp: raw + offset, capturedAtMs }
      return placed
    },
    get transitMs() {
      return clock?.transitMs ?? knownTransitMs
    },
  }
}
