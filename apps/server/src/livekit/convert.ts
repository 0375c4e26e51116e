import type {
  ParticipantInfo as LiveKitParticipant,
  Room as LiveKitRoom,
  TrackInfo as LiveKitTrack,
} from '@livekit/protocol'
import { ParticipantInfo_Kind } from '@livekit/protocol'
import type { ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'

/** Canonical protojson: camelCase, defaults present, int64 as strings, enums as names. */
const canonical = { emitDefaultValues: true } as const

/** A room as the API gives it. */
export const toRoom = (room: LiveKitRoom) => room.toJson(canonical) as unknown as Room

/** A participant as the API gives it. */
export const toParticipant = (participant: LiveKitParticipant) =>
  participant.toJson(canonical) as unknown as ParticipantInfo

/** A track as the API gives it. */
export const toTrack = (track: LiveKitTrack) => track.toJson(canonical) as unknown as TrackInfo

/** Whether a participant is one of our helpers (recorder, captions), whom the outside never sees. */
export function isHelper(participant: LiveKitParticipant): boolean {
  const { permission, kind } = participant
  return permission?.hidden === true || permission?.recorder === true || kind === ParticipantInfo_Kind.EGRESS
}
