import type { TapListener } from '../listener.ts'
import type { RoomState } from '../signalling/room-state.ts'
import { createSenderClock, type SenderClock } from '../stream/sender-clock.ts'
import type { TrackCounts } from '../stream/track-stream.ts'
import type { Source } from '../transport/sources.ts'
import { createTrackReception, type TrackReception } from './track-reception.ts'

/** The receptions of all tracks, over all connections to LiveKit, and the clocks of who sends them. */
export interface TrackReceptions {
  /** The streams that come from now on, of tracks known or new. Of tracks that nobody has any more nothing is kept. */
  expect(sources: Iterable<Source>): void
  get(trackSid: string): TrackReception | undefined
  all(): Iterable<TrackReception>
  /** Looks after tracks for as long as one of them waits for something. */
  watch(): void
  /** Delivers what is held of a track that ends. */
  end(trackSid: string): void
  close(): void
  counts(): Record<string, TrackCounts>
}

const lookEveryMs = 20

export function createTrackReceptions(options: {
  listener: Pick<TapListener, 'packet' | 'gap'>
  room: Pick<RoomState, 'track' | 'codec' | 'has'>
  send: (packet: Buffer) => void
  nowMs: () => number
}): TrackReceptions {
  const { listener, room, send, nowMs } = options
  const tracks = new Map<string, TrackReception>()
  const senders = new Map<string, SenderClock>()
  let watching: NodeJS.Timeout | undefined

  const senderOf = (participantSid: string) => {
    const sender = senders.get(participantSid) ?? createSenderClock()
    senders.set(participantSid, sender)
    return sender
  }
  const receptionOf = ({ trackSid, participantSid, kind }: Source) => {
    const track =
      tracks.get(trackSid) ??
      createTrackReception({ trackSid, kind, sender: senderOf(participantSid), listener, room, send })
    tracks.set(trackSid, track)
    return track
  }
  // There is no timer for each packet: while something is waited for, one looks after all tracks.
  const look = () => {
    const now = nowMs()
    for (const track of tracks.values()) track.tick(now)
    if ([...tracks.values()].some((track) => track.isWaiting)) return
    clearInterval(watching)
    watching = undefined
  }
  return {
    expect: (sources) => {
      const expected = [...sources].filter(({ repairs }) => repairs === undefined)
      for (const sid of tracks.keys())
        if (!room.track(sid) && !expected.some(({ trackSid }) => trackSid === sid)) tracks.delete(sid)
      for (const sid of senders.keys())
        if (!room.has(sid) && !expected.some(({ participantSid }) => participantSid === sid))
          senders.delete(sid)
      for (const source of expected) receptionOf(source).comesAs(source.ssrc)
    },
    get: (trackSid) => tracks.get(trackSid),
    all: () => tracks.values(),
    watch: () => {
      watching ??= setInterval(look, lookEveryMs)
    },
    end: (trackSid) => {
      tracks.get(trackSid)?.stream.end()
      tracks.delete(trackSid)
    },
    close: () => {
      clearInterval(watching)
      // Of a track that was never told there is nobody to deliver to.
      for (const [sid, { stream }] of tracks) if (room.track(sid)) stream.end()
    },
    counts: () => Object.fromEntries([...tracks].map(([sid, { stream }]) => [sid, { ...stream.counts }])),
  }
}
