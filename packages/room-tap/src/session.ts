import { type ParticipantInfo, TrackType, UpdateTrackSettings, VideoQuality } from '@livekit/protocol'
import type { Media } from './media/media.ts'
import { type Departure, onLeave } from './signalling/departure.ts'
import { openLastingSignalling } from './signalling/lasting.ts'
import type { RoomState } from './signalling/room-state.ts'
import type { SignalMessage } from './signalling/signalling.ts'
import { openNegotiation } from './transport/negotiation.ts'

export interface SessionListener {
  /** LiveKit has let us in, or in again, and told all there is. */
  joined(room: { sid: string; name: string }): void
  /** LiveKit tells nothing any more, but media may go on; the session tries to go on, too. */
  interrupted(reason: string): void
  /** For the connections to come. */
  tokenRefreshed(token: string): void
  /** Once, and nothing after it. */
  ended(departure: Departure): void
}

export interface SessionOptions {
  url: string
  token: () => Promise<string>
  room: RoomState
  media: Media
  listener: SessionListener
  log: { debug(fields: object, message: string): void }
}

/** LiveKit ends media and says why at the same time; what it says may come a little later. */
const explanationLimitMs = 1_000

/** One stay in a room: until its media is lost or LiveKit ends it. Signalling may be lost and found again meanwhile. */
export interface Session {
  /** PA_…, once joined. */
  readonly participantSid: string | undefined
  /** Leaves; the listener hears no more. */
  close(): Promise<void>
}

export function openSession({ url, token, room, media, listener, log }: SessionOptions): Session {
  let participantSid: string | undefined
  let isOver = false
  let isResuming = false
  let explaining: NodeJS.Timeout | undefined
  const asked = new Set<string>()

  const close = async () => {
    isOver = true
    clearTimeout(explaining)
    signalling.leave()
    await negotiation.close()
  }
  const end = (departure: Departure) => {
    if (isOver) return
    void close()
    listener.ended(departure)
  }

  const update = (participants: ParticipantInfo[], areAll: boolean) => {
    room.update(participants, { areAll })
    const videos = participants.flatMap(({ tracks }) => tracks.filter(({ type }) => type === TrackType.VIDEO))
    const trackSids = videos.map(({ sid }) => sid).filter((sid) => !asked.has(sid))
    if (trackSids.length === 0) return
    for (const sid of trackSids) asked.add(sid)
    // Without dimensions: these could only make it less.
    const best = new UpdateTrackSettings({ trackSids, quality: VideoQuality.HIGH })
    signalling.send({ case: 'trackSetting', value: best })
  }

  const receive = (message: SignalMessage) => {
    switch (message.case) {
      case 'join':
        participantSid = message.value.participant?.sid
        room.forgetSpeakers()
        update(message.value.otherParticipants, true)
        return listener.joined({ sid: message.value.room?.sid ?? '', name: message.value.room?.name ?? '' })
      case 'reconnect':
        isResuming = true
        return room.forgetSpeakers()
      case 'roomUpdate':
        // The last of what LiveKit tells who comes back.
        if (isResuming && message.value.room) listener.joined(message.value.room)
        isResuming = false
        return
      case 'offer':
        return negotiation.offer(message.value)
      case 'trickle':
        return negotiation.candidate(message.value)
      case 'update':
        return update(message.value.participants, false)
      case 'speakersChanged':
        return room.speakers(message.value.speakers)
      case 'refreshToken':
        return listener.tokenRefreshed(message.value)
      case 'subscriptionResponse':
        return log.debug(
          { trackSid: message.value.trackSid, error: message.value.err },
          'a track cannot be had',
        )
      case 'leave':
        return end(onLeave(message.value))
      default:
        return
    }
  }

  const negotiation = openNegotiation({
    opened: media.connect,
    offered: media.offered,
    answered: (value) => signalling.send({ case: 'answer', value }),
    rtp: media.rtp,
    rtcp: media.rtcp,
    connected: () => log.debug({ participantSid }, 'media is connected'),
    failed: (detail) => {
      explaining = setTimeout(() => end({ next: 'rejoin', detail }), explanationLimitMs)
    },
  })
  const signalling = openLastingSignalling({
    url,
    token,
    listener: { message: receive, interrupted: listener.interrupted, ended: end },
  })

  return {
    get participantSid() {
      return participantSid
    },
    close,
  }
}
