import { type Static, Type } from 'typebox'
import { operation } from './operation.ts'
import { strict } from './shapes.ts'

/** Status, version and what this server can do at this moment. */
export const Health = strict(
  {
    status: Type.Literal('ok'),
    version: Type.String(),
    capabilities: strict({
      transcriptionLive: Type.Boolean({ description: 'Enabled, and a live worker is there.' }),
      transcriptionPost: Type.Boolean({ description: 'Enabled, and a post-call worker is there.' }),
    }),
  },
  { $id: 'Health' },
)
export type Health = Static<typeof Health>

/** Whether the parts a request needs are there, for balancers and operators. */
export const Readiness = strict(
  {
    status: Type.String({ enum: ['ready', 'unready', 'draining'] }),
    checks: Type.Record(
      Type.String(),
      strict({
        ok: Type.Boolean(),
        detail: Type.String({ description: 'The driver in use, or what is wrong.' }),
      }),
    ),
  },
  { $id: 'Readiness' },
)
export type Readiness = Static<typeof Readiness>

const readyExample = {
  status: 'ready',
  checks: {
    database: { ok: true, detail: 'managed PostgreSQL' },
    livekit: { ok: true, detail: 'managed livekit-server' },
    storage: { ok: true, detail: 'disk' },
    rendering: { ok: true, detail: 'ffmpeg' },
  },
}

export const getHealth = operation({
  id: 'getHealth',
  method: 'GET',
  path: '/v1/health',
  tag: 'Health',
  summary: 'Status and enabled capabilities',
  security: 'none',
  rateLimit: 'none',
  answers: {
    200: {
      description: 'The server answers.',
      schema: Health,
      example: {
        status: 'ok',
        version: '0.1.0',
        capabilities: { transcriptionLive: false, transcriptionPost: false },
      },
    },
  },
  problems: [],
})

export const getLiveness = operation({
  id: 'getLiveness',
  method: 'GET',
  path: '/livez',
  tag: 'Health',
  summary: 'Whether the process answers',
  description: 'Looks at nothing else: a failure means that the process should be restarted.',
  security: 'none',
  rateLimit: 'none',
  answers: {
    200: {
      description: 'Alive.',
      schema: strict({ status: Type.Literal('alive') }),
      example: { status: 'alive' },
    },
  },
  problems: [],
})

export const getReadiness = operation({
  id: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'Health',
  summary: 'Whether requests can be served',
  description:
    'Ready when the database is migrated, LiveKit answers and the server is not ending. Of the store of recordings, and of what renders them, it only tells: calls go on without.',
  security: 'none',
  rateLimit: 'none',
  answers: {
    200: { description: 'Ready.', schema: Readiness, example: readyExample },
    503: {
      description: 'Not ready: a check says why.',
      schema: Readiness,
      example: {
        ...readyExample,
        status: 'unready',
        checks: { ...readyExample.checks, livekit: { ok: false, detail: 'no answer' } },
      },
    },
  },
  problems: [],
})
