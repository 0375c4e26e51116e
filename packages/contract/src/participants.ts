import { type Static, Type } from 'typebox'
import { ParticipantInfo } from './livekit.ts'
import { operation } from './operation.ts'
import { RoomParams } from './rooms.ts'
import { NextCursor, OptionalPage, ParticipantId, RoomName, strict } from './shapes.ts'

export const ParticipantList = strict(
  { participants: Type.Array(ParticipantInfo), nextCursor: NextCursor },
  { $id: 'ParticipantList' },
)
export type ParticipantList = Static<typeof ParticipantList>

export const MuteRequest = strict(
  {
    trackSid: Type.String({
      minLength: 1,
      maxLength: 64,
      pattern: '^[A-Za-z0-9_-]+$',
      description: 'SID of the track to mute.',
      examples: ['TR_AMmPHEtvM3oXbc'],
    }),
  },
  { $id: 'MuteRequest' },
)
export type MuteRequest = Static<typeof MuteRequest>

/** `banSeconds`: whole seconds, or `forever`. */
export const BanSeconds = Type.String({
  pattern: '^(0|[1-9][0-9]{0,8}|forever)$',
  default: '0',
  description: 'Refuse new tokens for so many seconds too; `forever` is allowed.',
  examples: ['3600'],
})

const ParticipantParams = strict({ roomId: RoomName, participantId: ParticipantId })

const participantExample = {
  sid: 'PA_vjGmLCxhbn5k',
  identity: 'user-42',
  name: 'Ada Lovelace',
  state: 'ACTIVE',
  kind: 'STANDARD',
  tracks: [],
  metadata: '{"team":"red"}',
  attributes: { 'rtcstack.role': 'host' },
  joinedAt: '1767268800',
  joinedAtMs: '1767268800123',
  isPublisher: true,
}

const problems = [
  'forbidden',
  'participant-banned',
  'not-found',
  'media-server-refused',
  'media-server-unavailable',
  'database-unavailable',
] as const

export const listParticipants = operation({
  id: 'listParticipants',
  method: 'GET',
  path: '/v1/rooms/:roomId/participants',
  tag: 'Participants',
  summary: 'List the participants of a room',
  description: 'All of them unless `limit` is given; ordered by identity. An unknown room has none.',
  security: 'apiKey',
  rateLimit: 'read',
  params: RoomParams,
  query: strict(OptionalPage),
  answers: {
    200: {
      description: 'The participants.',
      schema: ParticipantList,
      example: { participants: [participantExample], nextCursor: null },
    },
  },
  problems: ['media-server-refused', 'media-server-unavailable'],
})

export const removeParticipant = operation({
  id: 'removeParticipant',
  method: 'DELETE',
  path: '/v1/rooms/:roomId/participants/:participantId',
  tag: 'Participants',
  summary: 'Kick a participant',
  description:
    'The participant is disconnected, and every token issued for it before this is refused from now on. A host may do this with its own token.',
  security: 'apiKeyOrParticipant',
  rateLimit: 'write',
  params: ParticipantParams,
  query: strict({ banSeconds: Type.Optional(BanSeconds) }),
  answers: { 204: { description: 'Removed.' } },
  problems,
})

export const muteParticipant = operation({
  id: 'muteParticipant',
  method: 'POST',
  path: '/v1/rooms/:roomId/participants/:participantId/mute',
  tag: 'Participants',
  summary: 'Mute a participant’s track',
  description: 'A host or moderator may do this with its own token. Nobody can be unmuted by others.',
  security: 'apiKeyOrParticipant',
  rateLimit: 'write',
  params: ParticipantParams,
  body: MuteRequest,
  bodyExample: { trackSid: 'TR_AMmPHEtvM3oXbc' },
  answers: { 204: { description: 'Muted.' } },
  problems,
})
