import { type Static, type TSchema, Type } from 'typebox'
import { ParticipantInfo, Room, TrackInfo } from './livekit.ts'
import { operation } from './operation.ts'
import { recordingStatuses } from './recordings.ts'
import { Instant, Page, RoomName, strict } from './shapes.ts'

/** Everything that can happen, as an application hears of it. */
export const eventTypes = [
  'room_created',
  'room_closed',
  'participant_joined',
  'participant_left',
  'track_published',
  'recording_started',
  'recording_stopped',
  'ingress_started',
  'ingress_stopped',
  'transcription_completed',
] as const
export type EventType = (typeof eventTypes)[number]

const synthetic = Type.Optional(
  Type.Literal(true, {
    description: 'LiveKit’s own event was lost: this was found by comparing with LiveKit, up to 15 s later.',
  }),
)
const truncated = Type.Optional(
  Type.Literal(true, {
    description: 'Metadata, attributes and lists of tracks were left out to keep the event under 64 KiB.',
  }),
)

/** What an event's `data` may add to its own. */
const data = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object({ ...properties, synthetic, truncated }, { additionalProperties: true })

const eventId = Type.String({
  description: 'Made of the type and the sid it is about, so the same happening always has the same id.',
  examples: ['participant_joined:PA_vjGmLCxhbn5k'],
})

/** The envelope of every event. `event` and `type` are the same. */
const eventOf = <const Name extends string, T extends TSchema>(name: Name, about: T, options = {}) =>
  Type.Object(
    {
      id: eventId,
      event: Type.Literal(name),
      type: Type.Literal(name),
      timestamp: Instant,
      roomId: Type.String({ description: 'Name of the room.' }),
      sequence: Type.Integer({ minimum: 0, description: 'Counts the events of the room by 1, from 1.' }),
      data: about,
    },
    { additionalProperties: false, ...options },
  )

const recording = data({
  egressId: Type.String(),
  roomId: Type.String(),
  status: Type.String({ enum: [...recordingStatuses] }),
  startedAt: Type.Union([Instant, Type.Null()]),
  endedAt: Type.Optional(Instant),
  bucket: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
  sizeBytes: Type.Optional(Type.Integer()),
  durationMs: Type.Optional(Type.Integer()),
  error: Type.Optional(Type.String()),
})

/** Why a stream came to its end. `ended`: by its encoder; `replaced`: by another with the same key; `lost`: it fell silent. */
export const ingressEndReasons = ['ended', 'deleted', 'kicked', 'room-closed', 'replaced', 'lost'] as const
export type IngressEndReason = (typeof ingressEndReasons)[number]

const ingress = {
  ingressId: Type.String(),
  roomId: Type.String(),
  inputType: Type.String({ description: 'RTMP_INPUT or WHIP_INPUT.' }),
  participantIdentity: Type.String(),
  participantName: Type.String(),
}

const transcription = data({
  transcriptionId: Type.String(),
  mode: Type.String({ enum: ['live', 'post'] }),
  recordingId: Type.Optional(Type.String()),
  roomId: Type.String(),
  status: Type.String(),
  language: Type.String(),
  segmentCount: Type.Integer(),
  durationMs: Type.Integer(),
})

const room = data({ room: Room })
const participant = data({ room: Room, participant: ParticipantInfo })
const departure = data({
  room: Room,
  participant: ParticipantInfo,
  durationSeconds: Type.Optional(Type.Integer({ description: 'Whole seconds since the join.' })),
})
const track = data({
  room: Room,
  participant: ParticipantInfo,
  track: TrackInfo,
})

/** An event of the ledger; `type` tells what `data` is. */
export const LedgerEvent = Type.Union(
  [
    eventOf('room_created', room),
    eventOf('room_closed', room),
    eventOf('participant_joined', participant),
    eventOf('participant_left', departure),
    eventOf('track_published', track),
    eventOf('recording_started', recording),
    eventOf('recording_stopped', recording),
    eventOf('ingress_started', data(ingress)),
    eventOf('ingress_stopped', data({ ...ingress, reason: Type.String({ enum: [...ingressEndReasons] }) })),
    eventOf('transcription_completed', transcription),
  ],
  { $id: 'Event' },
)
export type LedgerEvent = Static<typeof LedgerEvent>

/** What POST /v1/webhooks/:id/test delivers; it is in no ledger. */
export const TestEvent = eventOf('test', Type.Object({ webhookId: Type.String() }), { $id: 'TestEvent' })
export type TestEvent = Static<typeof TestEvent>

/** The `data` of an event of a type. */
export type EventData<T extends EventType> = Extract<LedgerEvent, { type: T }>['data']

/** A place in the ledger: a decimal number, to be treated as a text. */
export const LedgerCursor = Type.String({
  pattern: '^(0|[1-9][0-9]{0,17})$',
  description: 'A place in the ledger: `0` is its beginning.',
  examples: ['0'],
})

export const EventList = strict(
  {
    events: Type.Array(LedgerEvent),
    nextAfter: Type.String({ description: 'Give it as `after` to go on, now or later.' }),
    nextCursor: Type.Union([Type.String(), Type.Null()], {
      description:
        '`nextAfter` while the end of the ledger is not reached, also where the page is not full; null at the end.',
    }),
  },
  { $id: 'EventList' },
)
export type EventList = Static<typeof EventList>

const typeList = `(${eventTypes.join('|')})`

const eventExample = {
  id: 'room_created:RM_pkbeSoWjg3sT',
  event: 'room_created',
  type: 'room_created',
  timestamp: '2026-01-01T12:00:00.123Z',
  roomId: 'team-standup',
  sequence: 1,
  data: {
    room: {
      sid: 'RM_pkbeSoWjg3sT',
      name: 'team-standup',
      emptyTimeout: 300,
      departureTimeout: 20,
      maxParticipants: 20,
      creationTime: '1767268800',
      creationTimeMs: '1767268800123',
      turnPassword: '',
      enabledCodecs: [],
      metadata: '',
      numParticipants: 0,
      numPublishers: 0,
      activeRecording: false,
    },
  },
}

export const listEvents = operation({
  id: 'listEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'Events',
  summary: 'Read the ledger',
  description:
    'Everything that happened, in the order it was recorded. With `Accept: text/event-stream` the events come as they happen, as server-sent events: `id` is the place in the ledger, so a client that was cut off goes on by `Last-Event-ID`; without it and without `after` a stream begins now.',
  security: 'apiKey',
  rateLimit: 'read',
  query: strict({
    after: Type.Optional(LedgerCursor),
    roomId: Type.Optional(RoomName),
    types: Type.Optional(
      Type.String({
        pattern: `^${typeList}(,${typeList}){0,9}$`,
        description: 'Only these types, separated by commas.',
        examples: ['participant_joined,participant_left'],
      }),
    ),
    limit: Page.limit,
    cursor: Type.Optional({
      ...LedgerCursor,
      description: 'The `nextCursor` of a page before; the same as `after`.',
    }),
  }),
  answers: {
    200: {
      description: 'Events after a place in the ledger.',
      schema: EventList,
      example: { events: [eventExample], nextAfter: '1', nextCursor: null },
      stream: 'text/event-stream',
    },
  },
  problems: ['database-unavailable'],
})
