import { type Static, Type } from 'typebox'
import { operation } from './operation.ts'
import { Instant, NextCursor, Page, RoomName, strict } from './shapes.ts'

export const recordingStatuses = ['starting', 'recording', 'processing', 'ready', 'failed'] as const
export type RecordingStatus = (typeof recordingStatuses)[number]

/** Why the capture of a room ended. */
export const recordingEndReasons = [
  'stopped',
  'room-closed',
  'room-empty',
  'max-duration',
  'disk-full',
  'recorder-failed',
  'server-lost',
] as const
export type RecordingEndReason = (typeof recordingEndReasons)[number]

/** Why there is no file. */
export const recordingErrors = [
  'recorder-capacity',
  'recorder-failed',
  'nothing-recorded',
  'server-lost',
  'render-failed',
  'storage-full',
  'storage-refused',
  'deleted',
] as const
export type RecordingError = (typeof recordingErrors)[number]

export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(
  schema: T,
  description?: string,
) => Type.Union([schema, Type.Null()], description === undefined ? {} : { description })

export const EgressId = Type.String({
  pattern: '^EG_[A-Za-z0-9]{12,40}$',
  description: 'Id of the recording.',
  examples: ['EG_7hXk2PqLw9Zd'],
})
const Ms = Type.Integer({ minimum: 0 })

const recordingShape = {
  recordingId: EgressId,
  egressId: Type.String({ description: 'The same as `recordingId`.' }),
  roomId: Type.String({ description: 'Name of the room.' }),
  status: Type.String({
    enum: [...recordingStatuses],
    description: '`processing` from the stop until the file is in the store; then `ready`, or `failed`.',
  }),
  isPaused: Type.Boolean(),
  createdAt: Instant,
  startedAt: nullable(Instant, 'When the first media was written.'),
  endedAt: nullable(Instant, 'When the capture ended.'),
  durationMs: nullable(Ms, 'Of the file; so far, while it is recorded.'),
  progress: Type.Number({ minimum: 0, maximum: 1, description: 'How much of the file is made.' }),
  bucket: Type.String(),
  key: nullable(Type.String(), 'Where in the bucket the MP4 is, or would be; null before the start.'),
  sizeBytes: nullable(Ms, 'Of the MP4, once it is in the store.'),
  endReason: nullable(Type.String({ enum: [...recordingEndReasons] }), 'Why the capture ended.'),
  error: nullable(Type.String({ enum: [...recordingErrors] }), 'Why there is no file.'),
}

export const Recording = strict(recordingShape, { $id: 'Recording' })
export type Recording = Static<typeof Recording>

export const RecordedTrack = strict(
  {
    trackSid: Type.String({ description: 'TR_…' }),
    participantSid: Type.String({ description: 'PA_…; who comes back has another one.' }),
    identity: Type.String(),
    name: Type.String(),
    kind: Type.String({ enum: ['audio', 'video'] }),
    source: Type.String({ description: 'MICROPHONE, CAMERA, SCREEN_SHARE, SCREEN_SHARE_AUDIO or UNKNOWN.' }),
    fromMs: Ms,
    untilMs: nullable(Ms),
    files: Type.Array(
      strict({
        key: Type.String({ description: 'In the bucket; `POST …/links` takes it.' }),
        mediaType: Type.String({ examples: ['audio/ogg; codecs=opus'] }),
        codec: Type.String({ enum: ['opus', 'vp8', 'vp9', 'h264', 'av1'] }),
        sizeBytes: Ms,
        fromMs: Ms,
        untilMs: nullable(Ms),
      }),
      { description: 'In order. Time stamps in them count from the start of the recording.' },
    ),
  },
  { $id: 'RecordedTrack' },
)
export type RecordedTrack = Static<typeof RecordedTrack>

export const RecordingPart = strict(
  {
    fromMs: Ms,
    untilMs: Ms,
    status: Type.String({ enum: ['queued', 'rendered', 'failed'] }),
  },
  { $id: 'RecordingPart' },
)
export type RecordingPart = Static<typeof RecordingPart>

export const RecordingDetail = strict(
  {
    ...recordingShape,
    parts: Type.Array(RecordingPart, {
      description: 'Stretches of the file that are rendered apart; until a day after.',
    }),
    tracks: Type.Array(RecordedTrack, {
      description: 'What each participant sent, as it was sent; once the capture has ended.',
    }),
  },
  { $id: 'RecordingDetail' },
)
export type RecordingDetail = Static<typeof RecordingDetail>

export const RecordingList = strict(
  { recordings: Type.Array(Recording), nextCursor: NextCursor },
  { $id: 'RecordingList' },
)
export type RecordingList = Static<typeof RecordingList>

export const RecordingParams = strict({ recordingId: EgressId })

const startedAt = '2026-01-01T12:00:00.000Z'
const egressId = 'EG_7hXk2PqLw9Zd'
export const recordingExample = {
  recordingId: egressId,
  egressId,
  roomId: 'team-standup',
  status: 'ready',
  isPaused: false,
  createdAt: '2026-01-01T11:59:59.700Z',
  startedAt,
  endedAt: '2026-01-01T12:30:00.000Z',
  durationMs: 1_800_000,
  progress: 1,
  bucket: 'recordings',
  key: 'team-standup/2026-01-01T12-00-00Z-EG_7hXk2PqLw9Zd.mp4',
  sizeBytes: 161_480_291,
  endReason: 'stopped',
  error: null,
}

const recordingFrame = { tag: 'Recordings', security: 'apiKey', params: RecordingParams } as const

export const listRecordings = operation({
  id: 'listRecordings',
  method: 'GET',
  path: '/v1/recordings',
  tag: 'Recordings',
  summary: 'List recordings',
  description: 'Newest first.',
  security: 'apiKey',
  rateLimit: 'read',
  query: strict({
    roomId: Type.Optional(RoomName),
    status: Type.Optional(Type.String({ enum: [...recordingStatuses], description: 'Only of this status.' })),
    ...Page,
  }),
  answers: {
    200: {
      description: 'A page of recordings.',
      schema: RecordingList,
      example: { recordings: [recordingExample], nextCursor: null },
    },
  },
  problems: ['database-unavailable'],
})

export const getRecording = operation({
  ...recordingFrame,
  id: 'getRecording',
  method: 'GET',
  path: '/v1/recordings/:recordingId',
  rateLimit: 'read',
  summary: 'Get one recording',
  description: 'With its parts and the tracks that were kept.',
  answers: {
    200: {
      description: 'The recording.',
      schema: RecordingDetail,
      example: { ...recordingExample, parts: [], tracks: [] },
    },
  },
  problems: ['not-found', 'database-unavailable'],
})

export const deleteRecording = operation({
  ...recordingFrame,
  id: 'deleteRecording',
  method: 'DELETE',
  path: '/v1/recordings/:recordingId',
  rateLimit: 'write',
  summary: 'Delete a recording',
  description:
    'With everything that was kept of it: its file, tracks and renders are removed from the store, also where that is away at the moment. One that is being recorded has to be stopped first.',
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'conflict', 'database-unavailable'],
})
