import type { Static, TObject, TSchema } from 'typebox'
import type { ProblemSlug } from './problems.ts'

/** One answer of an operation. Without a schema the answer has no body. */
export interface Answer {
  description: string
  schema?: TSchema
  /** Media type of the body; JSON when left out. */
  contentType?: string
  example?: unknown
  /** Media type in which a caller may ask for the same as an endless stream. */
  stream?: string
  /** Media type of a body that is the bytes of a file, in place of a schema; 206 and 304 belong to it. */
  bytes?: string
}

/** Who may call: anyone, the API key, or the API key or a participant with its own LiveKit token. */
export type Security = 'none' | 'apiKey' | 'apiKeyOrParticipant'

/** Which budget of requests an operation draws on. */
export type RateLimitGroup = 'none' | 'read' | 'write' | 'token' | 'webhookTest'

/** One operation of the API: the single source of its route, validation, documentation and client. */
export interface Operation {
  id: string
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Fastify's notation: `/v1/rooms/:roomId`. */
  path: string
  tag: string
  summary: string
  description?: string
  security: Security
  rateLimit: RateLimitGroup
  params?: TObject
  query?: TObject
  body?: TObject
  bodyExample?: unknown
  answers: Record<number, Answer>
  /** The problems particular to this operation; those of every operation are added. */
  problems: readonly ProblemSlug[]
}

/** Keeps the literal types of an operation. */
export const operation = <const T extends Operation>(definition: T): T => definition

/** Type of an operation's path parameters. */
export type ParamsOf<T extends Operation> = T extends { params: infer S extends TSchema } ? Static<S> : object

/** Type of an operation's query. */
export type QueryOf<T extends Operation> = T extends { query: infer S extends TSchema } ? Static<S> : object

/** Type of an operation's body. */
export type BodyOf<T extends Operation> = T extends { body: infer S extends TSchema } ? Static<S> : undefined

/** Type of an operation's answer with a given status. */
export type AnswerOf<T extends Operation, Status extends keyof T['answers']> = T['answers'][Status] extends {
  schema: infer S extends TSchema
}
  ? Static<S>
  : undefined
