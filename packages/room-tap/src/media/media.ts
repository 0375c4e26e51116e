import { type RtcpPacket, RtcpSrPacket } from 'werift'
import { createFeedback } from '../feedback/feedback.ts'
import type { TapListener } from '../listener.ts'
import { type RtpPacket, readExtension, readRtp } from '../rtp/rtp.ts'
import type { RoomState } from '../signalling/room-state.ts'
import { createSenderClock, type SenderClock } from '../stream/sender-clock.ts'
import type { TrackCounts } from '../stream/track-stream.ts'
import type { Offer } from '../transport/offer.ts'
import { readSources, type Source, type SourceFormat, type Sources } from '../transport/sources.ts'
import { createTrackReception, type TrackReception } from './track-reception.ts'

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
  forgetParticipant(sid: string): void
  /** Delivers what is held of all tracks. */
  close(): void
  counts(): Record<string, TrackCounts>
}

const noSources: Sources = {
  bySsrc: new Map(),
  byPayloadType: new Map(),
  transportSequenceId: undefined,
  wantsEstimate: false,
}

export function createMedia(options: {
  listener: Pick<TapListener, 'packet' | 'gap'>
  room: Pick<RoomState, 'track' | 'codec'>
  nowMs: () => number
}): Media {
  const { listener, room, nowMs } = options
  const tracks = new Map<string, TrackReception>()
  const senders = new Map<string, SenderClock>()
  let sources = noSources
  let feedback = createFeedback()
  let send: (packet: Buffer) => void = () => undefined
  let repairing: NodeJS.Timeout | undefined

  const receptionOf = ({ trackSid, participantSid, kind }: Source): TrackReception => {
    const known = tracks.get(trackSid)
    if (known) return known
    const sender = senders.get(participantSid) ?? createSenderClock()
    senders.set(participantSid, sender)
    const made = createTrackReception({
      kind,
      sender,
      trackSid,
      listener,
      room,
      send: (packet) => send(packet),
    })
    tracks.set(trackSid, made)
    return made
  }
  // There is no timer for each packet: while something is waited for, one looks after all tracks.
  const tick = () => {
    const now = nowMs()
    for (const track of tracks.values()) track.tick(now)
    if ([...tracks.values()].some((track) => track.isWaiting)) return
    clearInterval(repairing)
    repairing = undefined
  }
  const tickIfWaiting = (track: TrackReception) => {
    if (track.isWaiting) repairing ??= setInterval(tick, 20)
  }
  const reporting = setInterval(() => {
    for (const packet of feedback.writeReports(sources, nowMs())) send(packet)
  }, 1_000)
  let telling: NodeJS.Timeout | undefined

  return {
    connect: (sendPacket) => {
      send = sendPacket
      sources = noSources
      feedback = createFeedback()
    },
    offered: (offer) => {
      sources = readSources(offer)
      for (const source of sources.bySsrc.values())
        if (source.repairs === undefined) receptionOf(source).comesAs(source.ssrc)
      if (sources.transportSequenceId === undefined) return
      telling ??= setInterval(() => {
        for (const packet of feedback.writeArrivals(sources)) send(packet)
      }, 100)
    },
    rtp: (bytes, arrivedAtMs) => {
      const packet = readRtp(bytes)
      const source = packet && sources.bySsrc.get(packet.ssrc)
      const format = packet && sources.byPayloadType.get(packet.payloadType)
      if (!packet || !source || !format) return
      const { transportSequenceId } = sources
      const extension =
        transportSequenceId === undefined ? undefined : readExtension(bytes, transportSequenceId)
      const transportSequence = extension?.length === 2 ? extension.readUInt16BE() : undefined
      feedback.received({ packet, source, clockRate: format.clockRate, transportSequence, arrivedAtMs })
      const original = originalOf(packet, source, format)
      const track = original && tracks.get(source.trackSid)
      if (!track) return
      track.stream.receive(original, format, arrivedAtMs)
      tickIfWaiting(track)
    },
    rtcp: (packet, arrivedAtMs) => {
      if (!(packet instanceof RtcpSrPacket)) return
      feedback.senderReport(packet, arrivedAtMs)
      const source = sources.bySsrc.get(packet.ssrc)
      const { ntpTimestamp, rtpTimestamp } = packet.senderInfo
      if (source?.repairs === undefined)
        tracks
          .get(source?.trackSid ?? '')
          ?.stream.report({ timestamp: rtpTimestamp, senderMs: unixMs(ntpTimestamp) })
    },
    requestKeyFrame: (trackSid) => {
      const track = tracks.get(trackSid)
      track?.requestKeyFrame(nowMs())
      if (track) tickIfWaiting(track)
    },
    requestKeyFrames: () => {
      for (const track of tracks.values()) {
        track.requestKeyFrame(nowMs())
        tickIfWaiting(track)
      }
    },
    endTrack: (trackSid) => {
      tracks.get(trackSid)?.stream.end()
      tracks.delete(trackSid)
    },
    forgetParticipant: (sid) => void senders.delete(sid),
    close: () => {
      for (const timer of [repairing, reporting, telling]) clearInterval(timer)
      for (const { stream } of tracks.values()) stream.end()
    },
    counts: () => Object.fromEntries([...tracks].map(([sid, { stream }]) => [sid, { ...stream.counts }])),
  }
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
