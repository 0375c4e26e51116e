import type { TObject, TSchema } from 'typebox'
import { toOpenApiWebhooks } from './openapi-webhooks.ts'
import type { Answer, Operation } from './operation.ts'
import { type ProblemSlug, problemCatalogue, problemTypeBase } from './problems.ts'
import { Problem } from './shapes.ts'

type Json = Record<string, unknown>

/** The problems any operation can answer with, and those that come with a key, a body or an id. */
function problemsOf(operation: Operation): ProblemSlug[] {
  const slugs: ProblemSlug[] = ['bad-request', ...operation.problems]
  if (operation.params || operation.query || operation.body) slugs.push('validation-failed')
  if (operation.security !== 'none') slugs.push('unauthorized')
  if (operation.rateLimit !== 'none') slugs.push('rate-limited')
  if (operation.method === 'POST')
    slugs.push(
      'idempotency-in-progress',
      'idempotency-key-reused',
      'payload-too-large',
      'unsupported-media-type',
      'database-unavailable',
    )
  return [...slugs, 'internal']
}

/** Makes the OpenAPI 3.1 document of these operations; TypeBox schemas are JSON Schema already, so only the frame is ours. */
export function toOpenApi(operations: readonly Operation[], version: string): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][operation.method.toLowerCase()] = describe(operation, schemas)
  }
  extract(Problem, schemas)
  const webhooks = toOpenApiWebhooks((schema) => extract(schema, schemas))
  return {
    openapi: '3.1.0',
    info: {
      title: 'RTCstack',
      version,
      description:
        'Video calls of your own: rooms, roles, moderation, recording, ingest, captions and webhooks on LiveKit.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      contact: { name: 'RTCstack', url: 'https://rtcstack.dev' },
    },
    servers: [{ url: '/', description: 'The server that gives this document' }],
    tags: [...new Set(operations.map((operation) => operation.tag))].map((name) => ({
      name,
      description: tagTexts[name] ?? name,
    })),
    paths,
    webhooks,
    components: { schemas, securitySchemes },
  }
}

const tagTexts: Record<string, string> = {
  Health: 'Whether the server lives, is ready, and what it can do.',
  Tokens: 'Access tokens with roles.',
  Rooms: 'Rooms of LiveKit, by name.',
  Participants: 'Who is in a room, and moderation.',
  Recordings: 'Rooms recorded as MP4, with every participant’s tracks kept as they were sent.',
  Ingress: 'Endpoints that encoders and browsers publish to, by RTMP or WHIP.',
  Webhooks: 'Events posted to your endpoints, signed, until they are taken.',
  Events: 'The ledger of everything that happened.',
  Sessions: 'The lives of rooms, with who was there and for how long.',
  Documentation: 'The API describes itself.',
}

const securitySchemes = {
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The server’s API_SECRET.' },
  participant: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The participant’s own LiveKit token.',
  },
}

const securityOf = {
  none: [],
  apiKey: [{ apiKey: [] }],
  apiKeyOrParticipant: [{ apiKey: [] }, { participant: [] }],
}

function describe(operation: Operation, schemas: Json): Json {
  const parameters = [
    ...parametersOf(operation.params, 'path', schemas),
    ...parametersOf(operation.query, 'query', schemas),
  ]
  if (operation.method === 'POST') parameters.push(idempotencyKey)
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description ?? `${operation.summary}.`,
    security: securityOf[operation.security],
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body && {
      requestBody: {
        required: (operation.body.required ?? []).length > 0,
        content: {
          'application/json': { schema: extract(operation.body, schemas), example: operation.bodyExample },
        },
      },
    }),
    responses: { ...answersOf(operation, schemas), ...problemAnswersOf(operation) },
  }
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Repeats of the request with the same key get the first answer, for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  example: '5f1c2a0e-5f57-4f0a-9d39-3f6c2f0f6a11',
}

function parametersOf(object: TObject | undefined, place: 'path' | 'query', schemas: Json): Json[] {
  const required = (object?.required ?? []) as string[]
  return Object.entries(object?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    description: (schema as { description?: string }).description ?? name,
    schema: extract(schema as TSchema, schemas),
  }))
}

function answersOf(operation: Operation, schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(operation.answers).map(([status, answer]: [string, Answer]) => [
      status,
      {
        description: answer.description,
        ...(answer.schema && {
          content: {
            [answer.contentType ?? 'application/json']: {
              schema: extract(answer.schema, schemas),
              example: answer.example,
            },
            ...(answer.stream && { [answer.stream]: { schema: { type: 'string' } } }),
          },
        }),
        ...(answer.bytes && {
          content: { [answer.bytes]: { schema: { type: 'string', format: 'binary' } } },
        }),
      },
    ]),
  )
}

function problemAnswersOf(operation: Operation): Json {
  const byStatus = new Map<number, ProblemSlug[]>()
  for (const slug of new Set(problemsOf(operation))) {
    const { status } = problemCatalogue[slug]
    if (!(status in operation.answers)) byStatus.set(status, [...(byStatus.get(status) ?? []), slug])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, slugs]) => [
      status,
      {
        description: slugs.map((slug) => problemCatalogue[slug].meaning).join(' Or: '),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(slugs.map((slug) => [slug, { value: problemExample(slug) }])),
          },
        },
      },
    ]),
  )
}

function problemExample(slug: ProblemSlug): Problem {
  const { status, title, meaning } = problemCatalogue[slug]
  return {
    type: `${problemTypeBase}${slug}`,
    title,
    status,
    detail: meaning,
    requestId: 'req-8f14e45f',
    ...(slug === 'validation-failed' && { errors: [{ pointer: '#/name', detail: 'must be string' }] }),
  }
}

/** Moves schemas that have an `$id` to the components and leaves a reference. */
function extract(schema: unknown, schemas: Json): unknown {
  if (Array.isArray(schema)) return schema.map((part) => extract(part, schemas))
  if (typeof schema !== 'object' || schema === null) return schema
  const { $id, ...rest } = schema as { $id?: string }
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, extract(value, schemas)]))
  if ($id === undefined) return copy
  schemas[$id] = copy
  return { $ref: `#/components/schemas/${$id}` }
}
