import type { SenderClock } from './sender-clock.ts'

/** Says when the packets of one stream were captured, by our clock. Time stamps are without wrap. */
export interface TrackClock {
  /** Takes a sender report: what the sender's clock showed at a time stamp. */
  report(report: { timestamp: number; senderMs: number }): void
  /** Takes a packet in, and says when it was captured. */
  capturedAtMs(timestamp: number, arrivedAtMs: number): number
  /** Of the packets so far, the smallest time between capture and arrival. */
  readonly transitMs: number
}

export interface TrackClockOptions {
  clockRate: number
  sender: SenderClock
  /** Taken from the times of arrival before the first report: what an earlier stream of the same track needed. */
  transitMs: number
}

/** How much of a difference between report and expectation is believed: reports are some milliseconds off. */
const gain = 0.2
/** Reports that are off by more mean that something was set, not that they are imprecise. */
const jumpMs = 150

export function createTrackClock({ clockRate, sender, transitMs }: TrackClockOptions): TrackClock {
  /** What the sender's clock, less its steps, shows at time stamp 0. */
  let zeroMs: number | undefined
  let stepMs = sender.stepMs
  let reports = 0
  let smallestArrivalMs = Number.POSITIVE_INFINITY
  let smallestTransitMs = Number.POSITIVE_INFINITY
  let last: { timestamp: number; arrivedAtMs: number } | undefined

  const durationMs = (timestamp: number) => (1_000 * timestamp) / clockRate
  const transitWith = (zero: number) =>
    last ? Math.abs(last.arrivedAtMs - sender.toLocalMs(zero + durationMs(last.timestamp))) : 0

  /** The stream went on elsewhere, or the sender's clock was set: what fits the last arrival is true. */
  const takeJump = (reportedZeroMs: number, zeroNow: number) => {
    if (!sender.isKnown || transitWith(reportedZeroMs) <= transitWith(zeroNow)) return reportedZeroMs
    const step = stepMs + reportedZeroMs - zeroNow
    // All tracks of the sender must find the same step, or they would part by what each report is off.
    if (Math.abs(step - sender.stepMs) > jumpMs) sender.stepMs = step
    stepMs = sender.stepMs
    return zeroNow
  }
  return {
    report: ({ timestamp, senderMs }) => {
      const reported = () => senderMs - stepMs - durationMs(timestamp)
      if (zeroMs === undefined) {
        zeroMs = reported()
        smallestTransitMs = Number.POSITIVE_INFINITY
      } else if (Math.abs(reported() - zeroMs) > jumpMs) zeroMs = takeJump(reported(), zeroMs)
      else zeroMs += (reported() - zeroMs) * Math.max(gain, 1 / (reports + 1))
      reports++
    },
    capturedAtMs: (timestamp, arrivedAtMs) => {
      if (!last || timestamp > last.timestamp) last = { timestamp, arrivedAtMs }
      let captured: number
      if (zeroMs === undefined) {
        smallestArrivalMs = Math.min(smallestArrivalMs, arrivedAtMs - durationMs(timestamp))
        captured = smallestArrivalMs - transitMs + durationMs(timestamp)
      } else {
        const senderMs = zeroMs + durationMs(timestamp)
        sender.observe(senderMs, arrivedAtMs)
        captured = sender.toLocalMs(senderMs)
      }
      smallestTransitMs = Math.min(smallestTransitMs, arrivedAtMs - captured)
      return captured
    },
    get transitMs() {
      return Number.isFinite(smallestTransitMs) ? smallestTransitMs : transitMs
    },
  }
}
