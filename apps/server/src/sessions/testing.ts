import type { ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'

/** A room as LiveKit tells of it, by its sid; created at a time. */
export const roomOf = (sid: string, createdAtMs: number, name = `name of ${sid}`): Room => ({
  sid,
  name,
  emptyTimeout: 300,
  departureTimeout: 20,
  maxParticipants: 0,
  creationTime: String(Math.floor(createdAtMs / 1000)),
  creationTimeMs: String(createdAtMs),
  turnPassword: 'secret',
  enabledCodecs: [],
  metadata: '',
  numParticipants: 0,
  numPublishers: 0,
  activeRecording: false,
})

/** The room of a track event: a sid and a name. */
export const bareRoom = (room: Room): Room => ({ ...roomOf(room.sid, 0, room.name), creationTime: '0' })

/** A participant as LiveKit tells of it; the identity is told by the sid. */
export const participantOf = (
  sid: string,
  joinedAtMs: number,
  tracks: TrackInfo[] = [],
): ParticipantInfo => ({
  sid,
  identity: `identity of ${sid}`,
  name: `Name of ${sid}`,
  state: 'ACTIVE',
  kind: 'STANDARD',
  tracks,
  metadata: '',
  attributes: {},
  joinedAt: String(Math.floor(joinedAtMs / 1000)),
  joinedAtMs: String(joinedAtMs),
  isPublisher: tracks.length > 0,
})

/** The participant of a track event: a sid and an identity. */
export const bareParticipant = (participant: ParticipantInfo): ParticipantInfo => ({
  ...participantOf(participant.sid, 0),
  joinedAt: '0',
  name: '',
})

export const trackOf = (sid: string): TrackInfo => ({
  sid,
  type: 'AUDIO',
  name: '',
  muted: false,
  width: 0,
  height: 0,
  simulcast: false,
  source: 'MICROPHONE',
  mimeType: 'audio/opus',
})
