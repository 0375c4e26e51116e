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

const IngressInput = Type.Object(
  {
    mimeType: Type.String(),
    averageBitrate: Type.Integer({ description: 'Bits a second; 0 when unknown.' }),
  },
  open,
)

/** A LiveKit IngressInfo in protojson (livekit_ingress.proto). Times of its state: nanoseconds since 1970. */
export const IngressInfo = Type.Object(
  {
    ingressId: Type.String({ description: 'IN_…' }),
    name: Type.String(),
    streamKey: Type.String({ description: 'Secret: who has it can publish.' }),
    url: Type.String({ description: 'Where to publish to, with the stream key.' }),
    inputType: Type.String({ enum: ['RTMP_INPUT', 'WHIP_INPUT'] }),
    roomName: Type.String(),
    participantIdentity: Type.String(),
    participantName: Type.String(),
    participantMetadata: Type.String(),
    reusable: Type.Boolean(),
    state: Type.Object(
      {
        status: Type.String({
          enum: [
            'ENDPOINT_INACTIVE',
            'ENDPOINT_BUFFERING',
            'ENDPOINT_PUBLISHING',
            'ENDPOINT_ERROR',
            'ENDPOINT_COMPLETE',
          ],
        }),
        error: Type.String(),
        video: Type.Optional(IngressInput),
        audio: Type.Optional(IngressInput),
        roomId: Type.String({ description: 'RM_… sid of the room it publishes to, or did last.' }),
        startedAt: Int64,
        endedAt: Int64,
        updatedAt: Int64,
        resourceId: Type.String({ description: 'PA_… sid of its participant.' }),
        tracks: Type.Array(TrackInfo),
      },
      open,
    ),
  },
  { $id: 'IngressInfo', ...open },
)
export type IngressInfo = Static<typeof IngressInfo>
