import type { TapGap } from '../listener.ts'
import type { TapPacket } from '../packet.ts'
import type { RtpPacket } from '../rtp/rtp.ts'
import { startsKeyFrame } from './key-frame.ts'
import { createOrderedStream, type OrderedPacket, type PayloadFormat } from './ordered-stream.ts'
import type { SenderClock } from './sender-clock.ts'
import { openStreamTimes, type PlacedTime } from './stream-times.ts'

export interface TrackStreamOutput {
  packet(packet: TapPacket): void
  gap(gap: TapGap): void
  /** The packets that follow are in another codec than those before. */
  codec(mimeType: string): void
  keyFrame(): void
  /** Nothing can be decoded before the next key frame. Said again and again until it has come. */
  keyFrameNeeded(): void
}

/** The packets of one track, over all streams that it comes in, numbered and timed as one. */
export interface TrackStream {
  receive(packet: RtpPacket, format: PayloadFormat, arrivedAtMs: number): void
  /** A sender report: the sender's clock at a time stamp. */
  report(report: { timestamp: number; senderMs: number }): void
  /** See OrderedStream. */
  tick(nowMs: number): number[]
  readonly isWaiting: boolean
  /** The track goes on in another stream, with numbers of its own. */
  restart(): void
  /** Delivers what is still held. */
  end(): void
  readonly counts: Readonly<TrackCounts>
}

export interface TrackCounts {
  received: number
  delivered: number
  lost: number
  superfluous: number
}

export function createTrackStream(options: {
  kind: 'audio' | 'video'
  sender: SenderClock
  output: TrackStreamOutput
}): TrackStream {
  const { kind, sender, output } = options
  const counts: TrackCounts = { received: 0, delivered: 0, lost: 0, superfluous: 0 }
  let nextSequence = 0
  let missingFrom: number | undefined
  let mimeType: string | undefined
  let last: PlacedTime | undefined
  // Video is taken up where a frame starts: where it shows, or behind the end of another.
  let isSeekingFrame = kind === 'video'
  let endsFrame = false
  let isDecodable = kind === 'audio'
  let times = openStreamTimes(sender)

  const lose = (count: number) => {
    if (last === undefined) return
    missingFrom ??= nextSequence
    nextSequence += count
    isSeekingFrame = kind === 'video'
    isDecodable = kind === 'audio'
    endsFrame = false
  }
  const deliver = (packet: OrderedPacket) => {
    const isKey = startsKeyFrame(packet.payload, packet.format.mimeType)
    const startsFrame = isKey || endsFrame
    endsFrame = packet.marker
    if (isKey) output.keyFrame()
    isDecodable ||= isKey
    if (!isDecodable) output.keyFrameNeeded()
    if (isSeekingFrame && !startsFrame) {
      if (missingFrom !== undefined) nextSequence++
      return
    }
    isSeekingFrame = false
    if (mimeType !== packet.format.mimeType) {
      mimeType = packet.format.mimeType
      output.codec(mimeType)
    }
    if (missingFrom !== undefined) output.gap({ fromSequence: missingFrom, toSequence: nextSequence - 1 })
    missingFrom = undefined
    last = times.place(packet, last)
    counts.delivered++
    output.packet({ sequence: nextSequence++, ...last, marker: packet.marker, payload: packet.payload })
  }
  const openStream = () =>
    createOrderedStream({
      packet: deliver,
      lost: (count) => {
        counts.lost += count
        lose(count)
      },
      superfluous: () => {
        counts.superfluous++
      },
    })
  let stream = openStream()

  return {
    receive: (packet, format, arrivedAtMs) => {
      counts.received++
      stream.receive(packet, format, arrivedAtMs)
    },
    report: (report) => times.report(report),
    tick: (nowMs) => stream.tick(nowMs),
    get isWaiting() {
      return stream.isWaiting
    },
    restart: () => {
      stream.flush()
      // How much did not come in between is not known: counted as one packet.
      lose(1)
      stream = openStream()
      times = openStreamTimes(sender, times.transitMs)
    },
    end: () => stream.flush(),
    counts,
  }
}
