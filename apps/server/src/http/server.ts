import { randomUUID } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { ProblemSlug } from '@rtcstack/contract'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Config } from '../config.ts'
import { ProblemError, problems } from './problem.ts'
import { parseStrictJson } from './strict-json.ts'

const bodyLimitBytes = 256 * 1024
const maxUrlLength = 8 * 1024
const maxHeaderBytes = 16 * 1024
/** Node's own limit is wider, since a token with 64 KiB of metadata is longer than all else together. */
const maxHeaderAndTokenBytes = 160 * 1024

export interface HttpServerOptions {
  config: Pick<Config, 'CORS_ORIGINS' | 'TRUST_PROXY'>
  log: FastifyBaseLogger
  /** True from the first signal to end: new requests are refused. */
  draining: () => boolean
  /** Names what a driver threw, such as a lost database. */
  translate: (error: unknown) => ProblemError | undefined
}

export type HttpServer = FastifyInstance

/** An HTTP server with our limits, headers and problems, and no routes yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const app = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: maxUrlLength, caseSensitive: true, ignoreTrailingSlash: false },
    trustProxy: options.config.TRUST_PROXY.length > 0 ? [...options.config.TRUST_PROXY] : false,
    genReqId: requestId,
    forceCloseConnections: 'idle',
    http: {
      maxHeaderSize: maxHeaderAndTokenBytes,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 1000,
      requireHostHeader: false,
    },
    clientErrorHandler,
    frameworkErrors: (error, request, reply) =>
      render(error as FastifyError, request, reply as FastifyReply, options),
  })
  app.server.on('checkExpectation', (_request, response) => {
    const body = rawProblem('expectation-failed', 'The Expect header cannot be met')
    response.writeHead(417, { 'content-type': 'application/problem+json', connection: 'close' }).end(body)
  })
  readJsonBodies(app)
  app.setErrorHandler((error: FastifyError, request, reply) => render(error, request, reply, options))
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    const fault = faultOf(request.raw)
    if (fault) done(fault)
    else if (options.draining() && !isProbe(request)) done(problems.shuttingDown())
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    logAnswer(request, reply)
    done()
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    crossOriginResourcePolicy: { policy: 'same-site' },
  })
  if (options.config.CORS_ORIGINS.length > 0) {
    await app.register(cors, {
      origin: [...options.config.CORS_ORIGINS],
      methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
      exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy', 'idempotent-replayed'],
      maxAge: 600,
      strictPreflight: false,
    })
  }
  return app
}

/** What is wrong with a request before its route is looked at. Signalling carries its token in the address. */
function faultOf({ headers, rawHeaders, url = '', httpVersion }: IncomingMessage): ProblemError | undefined {
  if (headers.host === undefined && httpVersion === '1.1')
    return problems.badRequest('The Host header is missing')
  if (url.length > maxUrlLength && !url.startsWith('/rtc'))
    return new ProblemError('uri-too-long', 'The address is too long')
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, 0) - (headers.authorization?.length ?? 0)
  if (bytes > maxHeaderBytes)
    return new ProblemError('headers-too-large', 'The headers are larger than 16 KiB')
  return undefined
}

const isProbe = (request: FastifyRequest) => request.url === '/livez' || request.url === '/readyz'

function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Only JSON is read; a body without a media type counts as JSON. */
function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = async (_request: FastifyRequest, body: Buffer) => parseStrictJson(body)
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parse)
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    if (body.length > 0 && request.headers['content-type'] !== undefined)
      throw new ProblemError('unsupported-media-type', 'The body must be application/json')
    return parseStrictJson(body)
  })
}

/** Faults that Fastify finds by itself, by its error codes. */
const frameworkProblems: Record<string, [ProblemSlug, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload-too-large', 'The body is larger than 256 KiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'The body must be application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-request', 'The body is not as long as Content-Length says'],
  FST_ERR_BAD_URL: ['bad-request', 'The address is not percent-encoded UTF-8'],
  FST_ERR_MAX_PARAM_LENGTH: ['uri-too-long', 'The address is too long'],
}

function render(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpServerOptions,
): void {
  const problem = toProblem(error, options)
  const { retryAfterSeconds, headers } = problem.extras
  if (problem.status >= 500)
    request.log.error({ err: problem.cause ?? error, slug: problem.slug }, 'request failed')
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  if (headers) reply.headers(headers)
  reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.toJSON(request.id))
}

function toProblem(error: FastifyError, options: HttpServerOptions): ProblemError {
  if (error instanceof ProblemError) return error
  const known = frameworkProblems[error.code]
  if (known) return new ProblemError(known[0], known[1])
  const translated = options.translate(error)
  if (translated) return translated
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new ProblemError('bad-request', 'The request could not be read')
  return new ProblemError('internal', 'Something went wrong here', { cause: error })
}

/** Faults below HTTP, where there is no request to answer: written to the socket, which is then closed. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, slug, detail] = rawFault(error.code)
  const body = rawProblem(slug, detail)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

function rawFault(code: string | undefined): [number, ProblemSlug, string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return [408, 'request-timeout', 'The request did not arrive in time']
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'headers-too-large', 'The headers are larger than 16 KiB']
  return [400, 'bad-request', 'This is not a well-formed HTTP request']
}

const rawProblem = (slug: ProblemSlug, detail: string) =>
  JSON.stringify(new ProblemError(slug, detail).toJSON(randomUUID()))

function logAnswer(request: FastifyRequest, reply: FastifyReply): void {
  const level = reply.statusCode >= 500 ? 'warn' : 'debug'
  request.log[level](
    {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    },
    'request answered',
  )
}
