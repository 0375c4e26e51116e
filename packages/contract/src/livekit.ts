import { type Static, Type } from 'typebox'

/** An int64 of protobuf: a decimal string in protojson. */
const Int64 = Type.String({ pattern: '^-?[0-9]+$' })

/** LiveKit adds fields from version to version, so its objects stay open. */
const open = { additionalProperties: true }

/** A LiveKit Room in protojson (livekit_models.proto). Times: `creationTime` in seconds, `creationTimeMs` in milliseconds since 1970. */
export const Room = Type.Object(
  {
    sid: Type.String({ description: 'RM_…, new for each life of the room.' }),
    name: Type.String(),
    emptyTimeout: Type.Integer({ description: 'Seconds an empty room waits for a first participant.' }),
    departureTimeout: Type.Integer({ description: 'Seconds the room stays after the last one left.' }),
    maxParticipants: Type.Integer({ description: '0 means no cap.' }),
    creationTime: Int64,
    creationTimeMs: Int64,
    turnPassword: Type.String(),
    enabledCodecs: Type.Array(Type.Object({ mime: Type.String(), fmtpLine: Type.String() }, open)),
    metadata: Type.String(),
    numParticipants: Type.Integer(),
    numPublishers: Type.Integer(),
    activeRecording: Type.Boolean(),
  },
  { $id: 'Room', ...open },
)
export type Room = Static<typeof Room>

/** A LiveKit TrackInfo in protojson; the commonest fields. */
export const TrackInfo = Type.Object(
  {
    sid: Type.String({ description: 'TR_…' }),
    type: Type.String({ enum: ['AUDIO', 'VIDEO', 'DATA'] }),
    name: Type.String(),
    muted: Type.Boolean(),
    width: Type.Integer(),
    height: Type.Integer(),
    simulcast: Type.Boolean(),
    source: Type.String({ enum: ['UNKNOWN', 'CAMERA', 'MICROPHONE', 'SCREEN_SHARE', 'SCREEN_SHARE_AUDIO'] }),
    mimeType: Type.String(),
  },
  { $id: 'TrackInfo', ...open },
)
export type TrackInfo = Static<typeof TrackInfo>

/** A LiveKit ParticipantInfo in protojson; the commonest fields. `joinedAtMs` is in milliseconds since 1970. */
export const ParticipantInfo = Type.Object(
  {
    sid: Type.String({ description: 'PA_…, new for each join.' }),
    identity: Type.String(),
    name: Type.String(),
    state: Type.String({ enum: ['JOINING', 'JOINED', 'ACTIVE', 'DISCONNECTED'] }),
    kind: Type.String({ description: 'STANDARD, INGRESS, SIP, AGENT, …' }),
    tracks: Type.Array(TrackInfo),
    metadata: Type.String(),
    attributes: Type.Record(Type.String(), Type.String(), { description: '`rtcstack.role` is the role.' }),
    joinedAt: Int64,
    joinedAtMs: Int64,
    isPublisher: Type.Boolean(),
  },
  { $id: 'ParticipantInfo', ...open },
)
export type ParticipantInfo = Static<typeof ParticipantInfo>
