import { isDeepStrictEqual } from 'node:util'
import {
  type TapListener,
  type TapPacket,
  type TapParticipant,
  type TapTrack,
  wallClockMs,
} from '@rtcstack/room-tap'
import type { Spool } from './spool.ts'
import type { TimelineEvent } from './timeline-event.ts'

export interface ListenerOptions {
  /** Now, in milliseconds from the recording's start. */
  nowMs(): number
  tell(event: TimelineEvent): void
  spool: Pick<Spool, 'packet' | 'gap' | 'end' | 'cut'>
  /** Whether a packet is written, or dropped. */
  keeps(packet: TapPacket): boolean
  requestKeyFrame(trackSid: string): void
  requestKeyFrames(): void
}

/** Packets of sound come more often: without any, and without LiveKit, for longer, something may be missing. */
const shortestAwayMs = 100

/** A listener that knows who is in the room. */
export interface RoomListener extends Required<Omit<TapListener, 'ended'>> {
  /** How many are in the room, without helpers. */
  readonly participantCount: number
  /** Whether media is to come: there is a track that is not muted. */
  readonly expectsMedia: boolean
}

/** Writes down what a tap tells of the room, and hands its packets on. */
export function listenToRoom(options: ListenerOptions): RoomListener {
  const { nowMs, tell, spool, keeps, requestKeyFrame, requestKeyFrames } = options
  const people = new Map<string, ReturnType<typeof toParticipant>>()
  const tracks = new Map<string, TapTrack>()
  let disconnectedAtMs: number | undefined
  let lastPacketAtMs = 0

  const joined = (tapped: TapParticipant) => {
    const participant = toParticipant(tapped)
    if (isHelper(tapped) || isDeepStrictEqual(people.get(tapped.sid), participant)) return
    people.set(tapped.sid, participant)
    tell({ type: 'joined', atMs: nowMs(), participant })
  }
  const reconnected = (sinceMs: number) => {
    disconnectedAtMs = undefined
    // Packets may have come although LiveKit told nothing.
    const awayMs = wallClockMs() - Math.max(sinceMs, lastPacketAtMs)
    const untilMs = nowMs()
    if (awayMs > shortestAwayMs) tell({ type: 'away', fromMs: Math.max(0, untilMs - awayMs), untilMs })
    spool.cut()
    requestKeyFrames()
  }
  return {
    connected: () => {
      if (disconnectedAtMs !== undefined) reconnected(disconnectedAtMs)
      tell({ type: 'connected', atMs: nowMs() })
    },
    disconnected: () => {
      disconnectedAtMs ??= wallClockMs()
    },
    participantJoined: joined,
    participantUpdated: joined,
    participantLeft: (sid) => {
      if (people.delete(sid)) tell({ type: 'left', atMs: nowMs(), sid })
    },
    trackPublished: (track) => {
      if (!people.has(track.participantSid)) return
      tracks.set(track.sid, track)
      tell({ type: 'published', atMs: nowMs(), track: toTrack(track), muted: track.muted })
    },
    trackUpdated: (track) => {
      const before = tracks.get(track.sid)
      if (!before) return
      tracks.set(track.sid, track)
      if (before.muted === track.muted) return
      tell({ type: track.muted ? 'muted' : 'unmuted', atMs: nowMs(), sid: track.sid })
      if (!track.muted) requestKeyFrame(track.sid)
    },
    trackUnpublished: (sid) => {
      if (!tracks.delete(sid)) return
      spool.end(sid)
      tell({ type: 'unpublished', atMs: nowMs(), sid })
    },
    speakersChanged: (sids) => {
      tell({ type: 'speaking', atMs: nowMs(), sids: sids.filter((sid) => people.has(sid)) })
    },
    packet: (sid, packet) => {
      lastPacketAtMs = wallClockMs()
      const track = tracks.get(sid)
      if (track && keeps(packet)) spool.packet(track, packet)
    },
    gap: (sid) => spool.gap(sid),
    get participantCount() {
      return people.size
    },
    get expectsMedia() {
      return [...tracks.values()].some(({ muted }) => !muted)
    },
  }
}

/** LiveKit's own recorder. Who is hidden is not told to others at all. */
const isHelper = ({ kind }: TapParticipant) => kind === 'egress'

const toParticipant = ({ sid, identity, name, kind, attributes }: TapParticipant) => ({
  sid,
  identity,
  name,
  kind: kind.toUpperCase(),
  role: attributes['rtcstack.role'] ?? null,
})

const toTrack = ({ sid, participantSid, kind, source }: TapTrack) => ({
  sid,
  participantSid,
  kind,
  source: source.toUpperCase(),
})
