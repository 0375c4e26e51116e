import httpProxy from '@fastify/http-proxy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problems } from '../http/problem.ts'
import type { CountRefusal } from '../http/refusals.ts'
import type { HttpServer } from '../http/server.ts'
import type { TokenService } from '../tokens/service.ts'

interface SignallingProxyOptions {
  /** http(s) or ws(s) address of LiveKit. */
  upstream: string
  tokens: Pick<TokenService, 'verify'>
  countRefusal: CountRefusal
}

type Headers = Record<string, string | string[] | undefined>

/** What of a request tells its token. */
interface Knock {
  url?: string | undefined
  headers: { authorization?: string | undefined }
}

/** What LiveKit needs of a request, with the token that was checked; anything else stays here. */
const passedHeaders = [
  'host',
  'user-agent',
  'origin',
  'access-control-request-method',
  'access-control-request-headers',
]
const maxMessageBytes = 4 * 1024 * 1024
/** A client that is out of reach does not answer a goodbye. */
const closeTimeoutMs = 1000

/**
 * Passes LiveKit's signalling through, so that clients need no other address than the API's. The token is checked,
 * kicks and bans included, before LiveKit sees the connection, and just that token is passed on, in a header, since
 * addresses are logged.
 */
export async function registerSignallingProxy(
  app: HttpServer,
  options: SignallingProxyOptions,
): Promise<void> {
  const { upstream, tokens, countRefusal } = options
  await app.register(httpProxy, {
    upstream: upstream.replace(/^ws/, 'http'),
    prefix: '/rtc',
    rewritePrefix: '/rtc',
    websocket: true,
    proxyPayloads: false,
    disableRequestLogging: true,
    httpMethods: ['GET', 'OPTIONS'],
    config: { undocumented: 'LiveKit’s own protocol' },
    undici: { connections: 64, connectTimeout: 4000, headersTimeout: 5000, bodyTimeout: 5000 },
    preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
      // Clients of any origin may join with a token, as they may at LiveKit itself.
      reply.header('access-control-allow-origin', '*')
      if (request.method === 'OPTIONS') return
      await countRefusal(request, () => check(request, tokens))
    },
    wsServerOptions: { maxPayload: maxMessageBytes, closeTimeout: closeTimeoutMs },
    wsClientOptions: {
      handshakeTimeout: 5000,
      maxPayload: maxMessageBytes,
      closeTimeout: closeTimeoutMs,
      queryString: withoutToken,
      rewriteRequestHeaders: (headers: Headers, request: Knock) => ({
        ...headers,
        ...authorizationOf(request),
      }),
    },
    replyOptions: {
      queryString: withoutToken,
      rewriteRequestHeaders: (request, headers) => ({
        ...Object.fromEntries(
          passedHeaders.map((name) => [name, headers[name]]).filter(([, value]) => value !== undefined),
        ),
        ...authorizationOf(request.raw),
      }),
      onError: (reply, { error }) => {
        ;(reply as unknown as FastifyReply).send(problems.mediaServerUnavailable(error))
      },
    },
  } as Parameters<typeof httpProxy>[1])
}

async function check({ raw }: FastifyRequest, tokens: SignallingProxyOptions['tokens']): Promise<void> {
  const token = tokenOf(raw)
  if (token === undefined) throw problems.unauthorized('A LiveKit token is needed to connect')
  // LiveKit would join such a connection under another identity, which no kick of the token's own reaches.
  if (queryOf(raw).has('publish')) throw problems.forbidden('A connection takes the identity of its token')
  await tokens.verify(token)
}

const queryOf = ({ url }: Knock) => new URLSearchParams(url?.split('?', 2)[1])

/** The token as LiveKit finds it: the header before the query, the first of several. */
function tokenOf(request: Knock): string | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return /^Bearer (.+)$/.exec(authorization)?.[1]
  return queryOf(request).get('access_token') ?? undefined
}

function authorizationOf(request: Knock): Headers {
  const token = tokenOf(request)
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

function withoutToken(search: string | undefined): string {
  const query = new URLSearchParams(search)
  query.delete('access_token')
  return query.toString()
}
