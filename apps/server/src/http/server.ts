import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
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
import { answerExpectation, createRawFaultHandler } from './raw-fault.ts'
import { faultOf, maxHeaderAndTokenBytes, maxUrlLength } from './request-fault.ts'
import { securityHeaders } from './security-headers.ts'
import { endSilentConnections } from './silent-connections.ts'
import { parseStrictJson } from './strict-json.ts'

const bodyLimitBytes = 256 * 1024

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
  const rawFaults = createRawFaultHandler()
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
    clientErrorHandler: rawFaults.handle,
    frameworkErrors: (error, request, reply) =>
      render(error as FastifyError, request, reply as FastifyReply, options),
  })
  // An upgrade takes Node's own listener off the socket: a reset would then be a fault that nobody catches.
  app.server.on('connection', (socket) => socket.on('error', () => undefined))
  endSilentConnections(app)
  app.server.on('checkExpectation', answerExpectation)
  app.server.on('request', rawFaults.watch)
  readJsonBodies(app)
  app.setErrorHandler((error: FastifyError, request, reply) => render(error, request, reply, options))
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeaders).header('x-request-id', request.id)
    const fault = faultOf(request.raw)
    if (fault) done(fault)
    else if (options.draining() && !isProbe(request)) done(problems.shuttingDown())
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    logAnswer(request, reply)
    done()
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
  const { retryAfterSeconds, headers, endsConnection } = problem.extras
  if (problem.status >= 500)
    request.log.error({ err: problem.cause ?? error, slug: problem.slug }, 'request failed')
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  if (headers) reply.headers(headers)
  if (endsConnection) reply.raw.shouldKeepAlive = false
  // An address that cannot be read is refused before any hook has set these.
  if (!reply.hasHeader('x-request-id')) reply.headers(securityHeaders).header('x-request-id', request.id)
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
