import { type Static, Type } from 'typebox'
import { operation } from './operation.ts'
import { Instant, NextCursor, Page, RoomName, strict } from './shapes.ts'

const ended = Type.Union([Instant, Type.Null()])
const duration = Type.Union([Type.Integer(), Type.Null()], {
  description: 'Whole seconds; null while it lasts.',
})

const session = {
  id: Type.String({ description: 'The room’s RM_… sid, new for each life of a room.' }),
  roomId: Type.String({ description: 'Name of the room; names are used again.' }),
  status: Type.String({ enum: ['active', 'ended'] }),
  startedAt: Instant,
  endedAt: ended,
  durationSeconds: duration,
  counts: strict({
    participants: Type.Integer({ description: 'Different identities that joined.' }),
    joins: Type.Integer({ description: 'Joins, those that came back included.' }),
    present: Type.Integer({ description: 'In the room now.' }),
    peak: Type.Integer({ description: 'Most in the room at one time.' }),
    tracks: Type.Integer({ description: 'Tracks that were published.' }),
  }),
}

/** One life of a room, from its creation to its close. */
export const Session = strict(session, { $id: 'Session' })
export type Session = Static<typeof Session>

/** One stay of a participant in a session: who comes back is listed again. */
export const SessionParticipant = strict(
  {
    sid: Type.String({ description: 'PA_…, new for each join.' }),
    identity: Type.String(),
    name: Type.String(),
    role: Type.Union([Type.String(), Type.Null()], { description: 'Null for a token that others made.' }),
    kind: Type.String({ description: 'STANDARD, INGRESS, SIP, AGENT, …' }),
    joinedAt: Instant,
    leftAt: ended,
    durationSeconds: duration,
    tracks: Type.Integer({ description: 'Tracks it published.' }),
  },
  { $id: 'SessionParticipant' },
)
export type SessionParticipant = Static<typeof SessionParticipant>

export const SessionDetail = strict(
  { ...session, participants: Type.Array(SessionParticipant) },
  { $id: 'SessionDetail' },
)
export type SessionDetail = Static<typeof SessionDetail>

export const SessionList = strict(
  { sessions: Type.Array(Session), nextCursor: NextCursor },
  { $id: 'SessionList' },
)
export type SessionList = Static<typeof SessionList>

const sessionExample = {
  id: 'RM_pkbeSoWjg3sT',
  roomId: 'team-standup',
  status: 'ended',
  startedAt: '2026-01-01T12:00:00.123Z',
  endedAt: '2026-01-01T12:30:00.123Z',
  durationSeconds: 1800,
  counts: { participants: 1, joins: 1, present: 0, peak: 1, tracks: 2 },
}

const participantExample = {
  sid: 'PA_vjGmLCxhbn5k',
  identity: 'user-42',
  name: 'Ada Lovelace',
  role: 'host',
  kind: 'STANDARD',
  joinedAt: '2026-01-01T12:00:05.000Z',
  leftAt: '2026-01-01T12:29:05.000Z',
  durationSeconds: 1740,
  tracks: 2,
}

export const listSessions = operation({
  id: 'listSessions',
  method: 'GET',
  path: '/v1/sessions',
  tag: 'Sessions',
  summary: 'List the lives of rooms',
  description: 'Newest first. LiveKit forgets a room when it closes; this does not.',
  security: 'apiKey',
  rateLimit: 'read',
  query: strict({
    roomId: Type.Optional(RoomName),
    status: Type.Optional(Type.String({ enum: ['active', 'ended'] })),
    ...Page,
  }),
  answers: {
    200: {
      description: 'The sessions.',
      schema: SessionList,
      example: { sessions: [sessionExample], nextCursor: null },
    },
  },
  problems: ['database-unavailable'],
})

export const getSession = operation({
  id: 'getSession',
  method: 'GET',
  path: '/v1/sessions/:sessionId',
  tag: 'Sessions',
  summary: 'Get one life of a room',
  description: 'With everyone who was in it, in the order of joining.',
  security: 'apiKey',
  rateLimit: 'read',
  params: strict({
    sessionId: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      description: 'RM_… sid of the room.',
      examples: ['RM_pkbeSoWjg3sT'],
    }),
  }),
  answers: {
    200: {
      description: 'The session.',
      schema: SessionDetail,
      example: { ...sessionExample, participants: [participantExample] },
    },
  },
  problems: ['not-found', 'database-unavailable'],
})
