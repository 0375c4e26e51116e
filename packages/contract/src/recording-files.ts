import { type Static, Type } from 'typebox'
import { operation } from './operation.ts'
import { RecordingParams } from './recordings.ts'
import { Instant, strict } from './shapes.ts'

const frame = { tag: 'Recordings', security: 'apiKey' } as const
const recordingFrame = { ...frame, params: RecordingParams } as const

const bytes = 'video/mp4'
const fileAnswers = {
  200: { description: 'The file.', bytes },
  206: { description: 'The part of it that `Range` asks for.', bytes },
  304: { description: 'It is still the one that `If-None-Match` names.' },
} as const
const fileProblems = [
  'not-found',
  'conflict',
  'range-not-satisfiable',
  'storage-unavailable',
  'database-unavailable',
] as const

export const getRecordingFile = operation({
  ...recordingFrame,
  id: 'getRecordingFile',
  method: 'GET',
  path: '/v1/recordings/:recordingId/file',
  rateLimit: 'read',
  summary: 'Download the MP4',
  description:
    'In ranges too, and with HEAD. Where browsers need it, make a link instead: that needs no API key.',
  answers: fileAnswers,
  problems: fileProblems,
})

export const RecordingLinkRequest = strict(
  {
    expiresIn: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 604_800, description: 'Seconds; 3600 unless told.' }),
    ),
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        description: 'Of a track’s file; the MP4 unless told.',
      }),
    ),
  },
  { $id: 'RecordingLinkRequest' },
)
export type RecordingLinkRequest = Static<typeof RecordingLinkRequest>

export const createRecordingLink = operation({
  ...recordingFrame,
  id: 'createRecordingLink',
  method: 'POST',
  path: '/v1/recordings/:recordingId/links',
  rateLimit: 'write',
  summary: 'Make a link to a file',
  description: 'Whoever has it can download the file until it expires.',
  body: RecordingLinkRequest,
  bodyExample: { expiresIn: 3600 },
  answers: {
    201: {
      description: 'The link.',
      schema: strict({ url: Type.String({ format: 'uri' }), expiresAt: Instant }, { $id: 'RecordingLink' }),
      example: {
        url: 'https://calls.example.com/blobs/team-standup/2026-01-01T12-00-00Z-EG_7hXk2PqLw9Zd.mp4?expires=1767274200&name=2026-01-01T12-00-00Z-EG_7hXk2PqLw9Zd.mp4&signature=3q2Y0lJ4mVYp7W1nqk5cT8rXbHsZ6uEoAaDgFiKjLwM',
        expiresAt: '2026-01-01T13:30:00.000Z',
      },
    },
  },
  problems: ['not-found', 'conflict'],
})

export const renderLayouts = ['screen', 'grid', 'speaker', 'single'] as const
export type RenderLayout = (typeof renderLayouts)[number]

export const RenderRequest = strict(
  {
    fromMs: Type.Optional(Type.Integer({ minimum: 0, description: 'The beginning unless told.' })),
    untilMs: Type.Optional(Type.Integer({ minimum: 1, description: 'The end unless told.' })),
    layout: Type.Optional(
      Type.String({
        enum: [...renderLayouts],
        description:
          '`screen`: what is shared is large, else a grid; `grid`: all alike; `speaker`: who speaks is large; `single`: who speaks, alone.',
      }),
    ),
  },
  { $id: 'RenderRequest' },
)
export type RenderRequest = Static<typeof RenderRequest>

export const Render = strict(
  {
    renderId: Type.String({ pattern: '^RN_[A-Za-z0-9]{12,40}$', examples: ['RN_5cWq1ZtYb8Gs'] }),
    recordingId: Type.String(),
    status: Type.String({ enum: ['queued', 'rendering', 'ready', 'failed'] }),
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    layout: Type.String({ enum: [...renderLayouts] }),
    fromMs: Type.Integer({ minimum: 0 }),
    untilMs: Type.Integer({ minimum: 0 }),
    createdAt: Instant,
    sizeBytes: Type.Union([Type.Integer(), Type.Null()]),
  },
  { $id: 'Render' },
)
export type Render = Static<typeof Render>

const renderExample = {
  renderId: 'RN_5cWq1ZtYb8Gs',
  recordingId: 'EG_7hXk2PqLw9Zd',
  status: 'queued',
  progress: 0,
  layout: 'speaker',
  fromMs: 60_000,
  untilMs: 90_000,
  createdAt: '2026-01-01T12:31:00.000Z',
  sizeBytes: null,
}

export const createRender = operation({
  ...recordingFrame,
  id: 'createRender',
  method: 'POST',
  path: '/v1/recordings/:recordingId/renders',
  rateLimit: 'write',
  summary: 'Render a recording again',
  description:
    'All of it or a stretch, in any layout, from the tracks that were kept. It is made when there is room, kept for a day, and changes nothing about the recording.',
  body: RenderRequest,
  bodyExample: { fromMs: 60_000, untilMs: 90_000, layout: 'speaker' },
  answers: { 202: { description: 'It is queued.', schema: Render, example: renderExample } },
  problems: ['not-found', 'conflict'],
})

const RenderParams = strict({
  ...RecordingParams.properties,
  renderId: Render.properties.renderId,
})

export const getRender = operation({
  ...frame,
  params: RenderParams,
  id: 'getRender',
  method: 'GET',
  path: '/v1/recordings/:recordingId/renders/:renderId',
  rateLimit: 'read',
  summary: 'Get one render',
  answers: { 200: { description: 'The render.', schema: Render, example: renderExample } },
  problems: ['not-found', 'database-unavailable'],
})

export const getRenderFile = operation({
  ...frame,
  params: RenderParams,
  id: 'getRenderFile',
  method: 'GET',
  path: '/v1/recordings/:recordingId/renders/:renderId/file',
  rateLimit: 'read',
  summary: 'Download a render',
  answers: fileAnswers,
  problems: fileProblems,
})
