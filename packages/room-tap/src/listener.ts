import type { TapPacket } from './packet.ts'

export interface TapParticipant {
  /** PA_… */
  sid: string
  identity: string
  name: string
  /** As LiveKit names it, in small letters: standard, agent, ingress, sip, egress … */
  kind: string
  attributes: Record<string, string>
  metadata: string
}

export interface TapTrack {
  /** TR_… */
  sid: string
  participantSid: string
  kind: 'audio' | 'video'
  /** camera, microphone, screen_share, screen_share_audio or unknown. */
  source: string
  /** Of the stream that flows now, such as video/VP8 or audio/opus: what packets came last as, or else are announced as. */
  mimeType: string
  /** Of the largest layer; 0 for audio, and for video until LiveKit knows. */
  width: number
  height: number
  muted: boolean
}

/** Packets that will not come any more; both ends are missing. */
export interface TapGap {
  fromSequence: number
  toSequence: number
}

/** Why a tap is over, for good. */
export type TapEnd = 'room-closed' | 'removed' | 'closed' | 'duplicate-identity' | 'failed'

/** What a tap tells. Nothing is called before `openRoomTap` has returned, nor after `ended`; what throws is logged. */
export interface TapListener {
  /** The first time and after each reconnect; what changed in between is told before it. */
  connected?(room: { sid: string; name: string }): void
  /** LiveKit cannot be reached, for the reason given; the tap reconnects by itself. */
  disconnected?(reason: string): void
  ended(reason: TapEnd, detail?: string): void
  participantJoined(participant: TapParticipant): void
  participantUpdated?(participant: TapParticipant): void
  /** Its tracks have been told as unpublished. */
  participantLeft(sid: string): void
  trackPublished(track: TapTrack): void
  /** Muted or not, other dimensions, another codec: said before the first packet in it. */
  trackUpdated(track: TapTrack): void
  trackUnpublished(sid: string): void
  /** Who speaks now, the loudest first. */
  speakersChanged(participantSids: string[]): void
  packet(trackSid: string, packet: TapPacket): void
  /** Given up. The next video packet delivered starts a frame, and a key frame has been asked for. */
  gap(trackSid: string, gap: TapGap): void
}
