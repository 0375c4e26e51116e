import { type RtcpPacket, RtcpSrPacket } from 'werift'
import { createFeedback } from '../feedback/feedback.ts'
import type { TapListener } from '../listener.ts'
import { type RtpPacket, readExtension, readRtp } from '../rtp/rtp.ts'
import type { RoomState } from '../signalling/room-state.ts'
import type { TrackCounts } from '../stream/track-stream.ts'
import type { Offer } from '../transport/offer.ts'
import { noSources, readSources, type Source, type SourceFormat } from '../transport/sources.ts'
import type { TrackReception } from './track-reception.ts'
import { createTrackReceptions } from './track-receptions.ts'

/** All tracks' packets on their way from the transport to the listener, and what is answered. */
export interface Media {
  /** A new connection to LiveKit; what it says and asks goes out by `send`. */
  connect(send: (packet: Buffer) => void): void
  offered(offer: Offer): void
  rtp(packet: Buffer, arrivedAtMs: number): void
  rtcp(packet: RtcpPacket, arrivedAtMs: number): void
  requestKeyFrame(trackSid: string): void
  requestKeyFrames(): void
  /** Delivers what is held of a track that ends. */
  endTrack(trackSid: string): void
  /** Delivers what is held of all tracks. */
  close(): void
  counts(): Record<string, TrackCounts>
}

const reportEveryMs = 1_000
const tellArrivalsEveryMs = 100

export function createMedia(options: {
  listener: Pick<TapListener, 'packet' | 'gap'>
  room: Pick<RoomState, 'track' | 'codec' | 'has'>
  nowMs: () => number
}): Media {
  const { listener, room, nowMs } = options
  let sources = noSources
  let feedback = createFeedback()
  let send: (packet: Buffer) => void = () => undefined
  const tracks = createTrackReceptions({ listener, room, nowMs, send: (packet) => send(packet) })

  const reporting = setInterval(() => {
    for (const packet of feedback.writeReports(sources, nowMs())) send(packet)
  }, reportEveryMs)
  let telling: NodeJS.Timeout | undefined

  const requestKeyFrame = (track: TrackReception | undefined) => {
    track?.requestKeyFrame(nowMs())
    if (track?.isWaiting) tracks.watch()
  }
  return {
    connect: (sendPacket) => {
      send = sendPacket
      sources = noSources
      feedback = createFeedback()
    },
    offered: (offer) => {
      sources = readSources(offer)
      tracks.expect(sources.bySsrc.values())
      if (sources.transportSequenceId === undefined) return
      telling ??= setInterval(() => {
        for (const packet of feedback.writeArrivals(sources)) send(packet)
      }, tellArrivalsEveryMs)
    },
    rtp: (bytes, arrivedAtMs) => {
      const packet = readRtp(bytes)
      const source = packet && sources.bySsrc.get(packet.ssrc)
      const format = packet && sources.byPayloadType.get(packet.payloadType)
      if (!packet || !source || !format) return
      const transportSequence = transportSequenceOf(bytes, sources.transportSequenceId)
      feedback.received({ packet, source, clockRate: format.clockRate, transportSequence, arrivedAtMs })
      const original = originalOf(packet, source, format)
      const track = tracks.get(source.trackSid)
      if (!original || !track) return
      track.stream.receive(original, format, arrivedAtMs)
      if (track.isWaiting) tracks.watch()
    },
    rtcp: (packet, arrivedAtMs) => {
      if (!(packet instanceof RtcpSrPacket)) return
      feedback.senderReport(packet, arrivedAtMs)
      const source = sources.bySsrc.get(packet.ssrc)
      if (!source || source.repairs !== undefined) return
      const { ntpTimestamp, rtpTimestamp } = packet.senderInfo
      const report = { timestamp: rtpTimestamp, senderMs: unixMs(ntpTimestamp) }
      tracks.get(source.trackSid)?.stream.report(report)
    },
    requestKeyFrame: (trackSid) => requestKeyFrame(tracks.get(trackSid)),
    requestKeyFrames: () => {
      for (const track of tracks.all()) requestKeyFrame(track)
    },
    endTrack: tracks.end,
    close: () => {
      clearInterval(reporting)
      clearInterval(telling)
      tracks.close()
    },
    counts: tracks.counts,
  }
}

function transportSequenceOf(packet: Buffer, extensionId: number | undefined): number | undefined {
  const value = extensionId === undefined ? undefined : readExtension(packet, extensionId)
  return value?.length === 2 ? value.readUInt16BE() : undefined
}

/** What a repair repeats: the number it had is in front (RFC 4588). Undefined for padding. */
function originalOf(packet: RtpPacket, source: Source, format: SourceFormat): RtpPacket | undefined {
  if (!format.isRepair) return packet
  if (source.repairs === undefined || packet.payload.length < 2) return undefined
  return {
    ...packet,
    ssrc: source.repairs,
    sequenceNumber: packet.payload.readUInt16BE(),
    payload: packet.payload.subarray(2),
  }
}

/** NTP counts seconds from 1900, in 2³² parts. */
const unixMs = (ntp: bigint): number => (Number(ntp) / 2 ** 32 - 2_208_988_800) * 1_000
