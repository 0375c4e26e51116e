import type { RtcpSrPacket } from 'werift'
import { writeEstimate, writeReceiverReports } from '../rtp/rtcp.ts'
import type { RtpPacket } from '../rtp/rtp.ts'
import type { Source, Sources } from '../transport/sources.ts'
import { createArrivalFeedback } from './arrival-feedback.ts'
import { createCapacityEstimate } from './capacity.ts'
import { createReception, type Reception } from './reception.ts'

/** What LiveKit is told about how its packets arrive. It is of one transport and ends with it. */
export interface Feedback {
  received(arrival: Arrival): void
  senderReport(report: RtcpSrPacket, arrivedAtMs: number): void
  /** Packets to send, once a second. */
  writeReports(sources: Sources, nowMs: number): Buffer[]
  /** Packets to send, ten times a second; none unless LiveKit numbers packets over all streams. */
  writeArrivals(sources: Sources): Buffer[]
}

export interface Arrival {
  packet: RtpPacket
  source: Source
  clockRate: number
  /** The number over all streams, if it has one. */
  transportSequence: number | undefined
  arrivedAtMs: number
}

export function createFeedback(): Feedback {
  const receptions = new Map<number, Reception>()
  const capacity = createCapacityEstimate()
  const arrivals = createArrivalFeedback()
  let reportedAtMs: number | undefined

  return {
    received: ({ packet, source, clockRate, transportSequence, arrivedAtMs }) => {
      let reception = receptions.get(source.ssrc)
      if (!reception) {
        reception = createReception(source.ssrc, clockRate)
        receptions.set(source.ssrc, reception)
      }
      const { sequenceNumber, timestamp, payload } = packet
      reception.received({ sequenceNumber, timestamp, length: payload.length }, arrivedAtMs)
      if (transportSequence !== undefined) arrivals.arrived(transportSequence, arrivedAtMs)
    },
    senderReport: ({ ssrc, senderInfo }, arrivedAtMs) => {
      const compactNtp = Number((senderInfo.ntpTimestamp >> 16n) & 0xffffffffn)
      receptions.get(ssrc)?.reported(compactNtp, arrivedAtMs)
    },
    writeReports: (sources, nowMs) => {
      for (const ssrc of receptions.keys()) if (!sources.bySsrc.has(ssrc)) receptions.delete(ssrc)
      const seconds = Math.max(0.001, (nowMs - (reportedAtMs ?? nowMs - 1_000)) / 1_000)
      reportedAtMs = nowMs
      const all = [...receptions.values()].flatMap((reception) => reception.report(nowMs) ?? [])
      const packets = writeReceiverReports(all.map(({ report }) => report))
      if (!sources.wantsEstimate) return packets
      const sum = (of: (one: (typeof all)[number]) => number) =>
        all.reduce((total, one) => total + of(one), 0)
      const estimate = capacity.next({
        receivedBitsPerSecond: (8 * sum(({ bytes }) => bytes)) / seconds,
        lostShare:
          sum(({ lost }) => lost) /
          Math.max(
            1,
            sum(({ expected }) => expected),
          ),
      })
      const videos = [...sources.bySsrc.values()].filter(({ kind }) => kind === 'video')
      const ssrcs = videos.map(({ ssrc }) => ssrc).slice(0, 255)
      return ssrcs.length > 0 ? [...packets, writeEstimate(estimate, ssrcs)] : packets
    },
    writeArrivals: (sources) => {
      const [video] = [...sources.bySsrc.values()].filter(({ kind }) => kind === 'video')
      return video && sources.transportSequenceId !== undefined ? arrivals.write(video.ssrc) : []
    },
  }
}
