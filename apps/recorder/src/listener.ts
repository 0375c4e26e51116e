import { type TapListener, type TapParticipant, type TapTrack, wallClockMs } from '@rtcstack/room-tap'
import type { Spool } from './spool.ts'
import type { TimelineEvent } from './timeline.ts'

type RoomListener = Omit<TapListener, 'ended' | 'connected' | 'packet'>

export interface ListenerOptions {
  /** Now, in milliseconds from the recording's start. */
  nowMs(): number
  tell(event: TimelineEvent): void
  spool: Pick<Spool, 'end' | 'gap'>
  requestKeyFrame(trackSid: string): void
}

/** Writes down what a tap tells of the room, and knows the tracks that are recorded. */
export function listenToRoom({ nowMs, tell, spool, requestKeyFrame }: ListenerOptions) {
  const people = new Set<string>()
  const tracks = new Map<string, TapTrack>()
  let disconnectedAtMs: number | undefined

  const joined = (participant: TapParticipant) => {
    if (isHelper(participant)) return
    people.add(participant.sid)
    tell({ type: 'joined', atMs: nowMs(), participant: toParticipant(participant) })
  }
  const listener: RoomListener = {
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
    gap: (sid) => spool.gap(sid),
  }
  return {
    listener,
    track: (sid: string) => tracks.get(sid),
    /** Since when, by the wall clock, LiveKit was not reached; undefined when it was. Forgets it. */
    takeDisconnection: () => {
      const since = disconnectedAtMs
      disconnectedAtMs = undefined
      return since
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
