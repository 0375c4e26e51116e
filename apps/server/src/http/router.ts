import type { Readable } from 'node:stream'
import type { AnswerOf, BodyOf, Operation, ParamsOf, QueryOf } from '@rtcstack/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Audit } from '../audit/audit.ts'
import type { Authenticator, Caller } from './auth.ts'
import type { Idempotency } from './idempotency.ts'
import { problems } from './problem.ts'
import { type Budget, type RateLimiter, rateLimitHeaders } from './rate-limit.ts'
import type { CountRefusal } from './refusals.ts'
import type { HttpServer } from './server.ts'
import { compileCheck, compileQueryReader, withoutIds } from './validation.ts'

/** What a handler is given: everything has been checked against the contract. */
export interface Call<T extends Operation> {
  params: ParamsOf<T>
  query: QueryOf<T>
  body: BodyOf<T>
  caller: Caller
  request: FastifyRequest
  /** For headers; the body goes into the outcome. */
  reply: FastifyReply
}

/** A status of the contract and the body that belongs to it. */
export type Outcome<T extends Operation> = {
  [Status in keyof T['answers'] & number]: {
    status: Status
    body: BodyOfAnswer<T, Status>
  }
}[keyof T['answers'] & number]

type BodyOfAnswer<T extends Operation, Status extends keyof T['answers']> = Status extends 304
  ? Readable
  : T['answers'][Status] extends { stream: string }
    ? Streamable
    : T['answers'][Status] extends { bytes: string }
      ? Readable
      : AnswerOf<T, Status>

/** The body of an answer that may be a stream: that, or the JSON as text, with its type set by the handler. */
type Streamable = Readable | string

export type Handler<T extends Operation> = (call: Call<T>) => Promise<Outcome<T>>

interface Sent {
  status: number
  body: unknown
}

/** An outcome, with its status and body typed as they are written. */
export const answer = <const Status extends number, const Body = undefined>(status: Status, body?: Body) =>
  ({ status, body }) as { status: Status; body: Body }

export interface RouterOptions {
  app: HttpServer
  authenticator: Authenticator
  rateLimiter: RateLimiter
  budgets: Record<'read' | 'write' | 'token' | 'webhookTest' | 'participant', Budget>
  countRefusal: CountRefusal
  idempotency: Idempotency
  audit: Audit
}

const anonymous: Caller = { kind: 'application', id: 'anonymous', key: '' }
const nothing = Type.Object({}, { additionalProperties: false })

/** Makes `route(operation, handler)`: the operation gives the address, the checks, the budget and the form of the answer. */
export function createRouter(options: RouterOptions) {
  const { app, authenticator, rateLimiter, budgets, countRefusal, idempotency, audit } = options

  async function authenticate(operation: Operation, request: FastifyRequest): Promise<Caller> {
    if (operation.security === 'none') return anonymous
    const credentials = { headers: request.headers, rawHeaders: request.raw.rawHeaders }
    return countRefusal(request, async () =>
      operation.security === 'apiKey'
        ? authenticator.application(credentials)
        : authenticator.applicationOrParticipant(credentials),
    )
  }

  function limit(operation: Operation, caller: Caller, reply: FastifyReply): void {
    if (operation.rateLimit === 'none') return
    const budget = caller.kind === 'participant' ? budgets.participant : budgets[operation.rateLimit]
    const allowance = rateLimiter.take(budget, caller.id)
    reply.headers(rateLimitHeaders(budget, allowance))
    if (!allowance.allowed) throw problems.rateLimited(budget.name, allowance.retryAfterSeconds)
  }

  return function route<const T extends Operation>(operation: T, handler: Handler<T>): void {
    const check = compileChecks(operation)
    const callers = new WeakMap<FastifyRequest, Caller>()
    app.route({
      method: operation.method,
      url: operation.path,
      config: { operationId: operation.id },
      schema: { response: serializers(operation) },
      onRequest: async (request, reply) => {
        const caller = await authenticate(operation, request)
        callers.set(request, caller)
        limit(operation, caller, reply)
      },
      handler: async (request, reply) => {
        const caller = callers.get(request) ?? anonymous
        const call = { ...check(request), caller, request, reply } as unknown as Call<T>
        const run = (): Promise<Sent> =>
          audit.around(operation, call as never, () => handler(call) as Promise<Sent>)
        const outcome =
          operation.method === 'POST'
            ? await idempotency.around(operation, call as never, reply, run)
            : await run()
        return send(operation, outcome, reply)
      },
    })
  }
}

export type Route = ReturnType<typeof createRouter>

function compileChecks(operation: Operation) {
  const checkParams = compileCheck(operation.params ?? nothing, '#/path')
  const checkQuery = compileCheck(operation.query ?? nothing, '#/query')
  const readQuery = compileQueryReader(operation.query ?? nothing)
  const checkBody = compileCheck(operation.body ?? nothing, '#')
  return (request: FastifyRequest) => {
    const query = readQuery(request.query as Record<string, unknown>)
    const body = request.body === undefined ? {} : request.body
    checkParams(request.params)
    checkQuery(query)
    checkBody(body)
    return { params: request.params, query, body }
  }
}

function serializers(operation: Operation): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(operation.answers)
      .filter(([, answer]) => answer.schema && !answer.contentType && !answer.stream)
      .map(([status, answer]) => [status, withoutIds(answer.schema)]),
  )
}

function send(
  operation: Operation,
  outcome: { status: number; body: unknown },
  reply: FastifyReply,
): FastifyReply {
  reply.code(outcome.status)
  const contentType = operation.answers[outcome.status]?.contentType
  if (contentType) reply.type(`${contentType}; charset=utf-8`)
  if (operation.security !== 'none' && !reply.hasHeader('cache-control'))
    reply.header('cache-control', 'no-store')
  return reply.send(outcome.body)
}
