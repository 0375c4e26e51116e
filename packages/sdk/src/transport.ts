import type { AnswerOf, BodyOf, Operation, ParamsOf, Problem, QueryOf } from '@rtcstack/contract'
import { ConnectionError, ProblemError, TimeoutError, UnexpectedAnswerError } from './errors.ts'
import { mayPass, pause, pauseBefore } from './retry.ts'

export interface ClientOptions {
  /** Origin of the server, such as `https://calls.example.com`. */
  url: string
  /** The server's API_SECRET: for your backend only, never in a browser. */
  apiKey?: string
  /** A participant's own LiveKit token, which lets hosts and moderators moderate their room. */
  participantToken?: string
  /** In place of the global fetch. */
  fetch?: typeof fetch
  /** For each try; 10 000 unless told. */
  timeoutMs?: number
  /** Further tries of what is safe to repeat; 2 unless told. */
  retries?: number
}

/** What every method takes besides its own arguments. */
export interface CallOptions {
  signal?: AbortSignal
  /** Of a POST: repeats with the same key get the first answer. One is made for each call that may be retried. */
  idempotencyKey?: string
  headers?: Record<string, string>
  /** For each try of this call, in place of the client's. */
  timeoutMs?: number
}

interface Parts<T extends Operation> {
  params?: ParamsOf<T>
  query?: QueryOf<T>
  body?: BodyOf<T>
}

type Success = 200 | 201 | 202 | 204

/** The body of an operation's success. */
export type ResultOf<T extends Operation> = AnswerOf<T, keyof T['answers'] & Success>

export type Call = <T extends Operation>(
  operation: T,
  parts: Parts<T>,
  options?: CallOptions,
) => Promise<ResultOf<T>>

/** Makes the function that every method calls. */
export function createTransport(client: ClientOptions): Call {
  return async (operation, parts, options = {}) => {
    const request = toRequest(client, operation, parts, options)
    const retries = isRepeatable(operation, request) ? retriesOf(client) : 0
    return repeating(retries, options.signal, async () => (await send(client, request, options)) as never)
  }
}

export const retriesOf = ({ retries = 2 }: ClientOptions) => retries

/** Does it again, so many times, while it fails in a way that may pass. */
export async function repeating<T>(
  retries: number,
  signal: AbortSignal | undefined,
  once: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once()
    } catch (error) {
      if (attempt >= retries || !mayPass(error)) throw error
      await pause(pauseBefore(attempt, error, Math.random), signal)
    }
  }
}

interface Prepared {
  url: string
  method: string
  headers: Record<string, string>
  body?: string
}

function toRequest<T extends Operation>(
  client: ClientOptions,
  operation: T,
  parts: Parts<T>,
  options: CallOptions,
): Prepared {
  const { method } = operation
  const given = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const key = method === 'POST' && !isWithoutEffect(operation) ? crypto.randomUUID() : undefined
  const chosenKey = method === 'POST' ? (options.idempotencyKey ?? key) : undefined
  return {
    url: `${originOf(client)}${pathOf(operation.path, parts.params ?? {})}${queryOf(parts.query ?? {})}`,
    method,
    headers: {
      accept: 'application/json',
      ...credentialsOf(client),
      ...(parts.body !== undefined && { 'content-type': 'application/json' }),
      ...(chosenKey !== undefined && { 'idempotency-key': chosenKey }),
      ...given,
    },
    ...(parts.body !== undefined && { body: JSON.stringify(parts.body) }),
  }
}

export const originOf = (client: ClientOptions) => client.url.replace(/\/+$/, '')

export const credentialsOf = ({ apiKey, participantToken }: ClientOptions) => ({
  ...(apiKey !== undefined && { 'x-api-key': apiKey }),
  ...(participantToken !== undefined && { authorization: `Bearer ${participantToken}` }),
})

/** A token changes nothing on the server, so it may be asked for again freely, and is not kept there. */
const isWithoutEffect = (operation: Operation) => operation.rateLimit === 'token'

/**
 * Reads, and posts that carry a key or have no effect. A DELETE is not: the second would say "not found" of what the
 * first has removed, or remove somebody who has rightly come back.
 */
const isRepeatable = (operation: Operation, request: Prepared) =>
  operation.method === 'GET' ||
  isWithoutEffect(operation) ||
  (operation.method === 'POST' && 'idempotency-key' in request.headers)

export const pathOf = (path: string, params: object) =>
  path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  )

function queryOf(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

async function send(
  client: ClientOptions,
  { url, ...request }: Prepared,
  { signal, timeoutMs = client.timeoutMs ?? 10_000 }: CallOptions,
): Promise<unknown> {
  const { fetch = globalThis.fetch } = client
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await fetch(url, {
      ...request,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      redirect: 'error',
    })
    return await read(answer)
  } catch (error) {
    throw nameFailure(error, { url, signal, limit, timeoutMs })
  }
}

/** What a request that failed is told as: the refusal, the caller's own reason to abort, or what became of the connection. */
export function nameFailure(
  error: unknown,
  about: { url: string; signal: AbortSignal | undefined; limit: AbortSignal; timeoutMs: number },
): unknown {
  const { url, signal, limit, timeoutMs } = about
  if (error instanceof ProblemError || error instanceof UnexpectedAnswerError) return error
  if (signal?.aborted) return signal.reason
  const { origin } = new URL(url)
  return limit.aborted
    ? new TimeoutError(`No answer from ${origin} within ${timeoutMs} ms`, { cause: error })
    : new ConnectionError(`Cannot reach ${origin}: check the url, and that the server runs`, { cause: error })
}

async function read(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined
  if (answer.ok && isOf(answer, 'application/json')) return answer.json()
  return refuse(answer)
}

export const isOf = (answer: Response, mediaType: string) =>
  answer.headers.get('content-type')?.startsWith(mediaType) ?? false

/** Throws what an answer is that is not the one asked for. */
export async function refuse(answer: Response): Promise<never> {
  const contentType = answer.headers.get('content-type')
  if (contentType?.startsWith('application/problem+json')) {
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
    throw new ProblemError(
      (await answer.json()) as Problem,
      Number.isNaN(seconds) ? undefined : seconds * 1000,
    )
  }
  await answer.body?.cancel()
  throw new UnexpectedAnswerError(answer.status, contentType)
}
