import httpProxy from '@fastify/http-proxy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problems } from '../http/problem.ts'
import type { HttpServer } from '../http/server.ts'
import type { TokenService } from '../tokens/service.ts'

interface SignallingProxyOptions {
  /** http(s) or ws(s) address of LiveKit. */
  upstream: string
  tokens: Pick<TokenService, 'verify'>
}

type Headers = Record<string, string | string[] | undefined>

/**
 * Passes LiveKit's signalling through, so that clients need no other address than the API's. The token is checked,
 * kicks and bans included, before LiveKit sees the connection, and just that token is passed on.
 */
export async function registerSignallingProxy(
  app: HttpServer,
  { upstream, tokens }: SignallingProxyOptions,
): Promise<void> {
  const withToken = (
    headers: Headers,
    url: string | undefined,
    authorization: string | undefined,
  ): Headers => {
    const token = tokenOf(url, authorization)
    return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` }
  }

  await app.register(httpProxy, {
    upstream: upstream.replace(/^ws/, 'http'),
    prefix: '/rtc',
    rewritePrefix: '/rtc',
    websocket: true,
    proxyPayloads: false,
    // It would log addresses, which hold tokens.
    disableRequestLogging: true,
    httpMethods: ['GET', 'OPTIONS'],
    config: { undocumented: 'LiveKit’s own protocol' },
    undici: { connections: 64, connectTimeout: 4000, headersTimeout: 5000, bodyTimeout: 5000 },
    preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
      // Clients of any origin may join with a token, as they may at LiveKit itself.
      reply.header('access-control-allow-origin', '*')
      if (request.method === 'OPTIONS') return
      const token = tokenOf(request.raw.url, request.headers.authorization)
      if (token === undefined) throw problems.unauthorized('A LiveKit token is needed to connect')
      await tokens.verify(token)
    },
    wsClientOptions: {
      handshakeTimeout: 5000,
      rewriteRequestHeaders: (headers: Headers, request: FastifyRequest['raw']) =>
        withToken(headers, request.url, request.headers.authorization),
    },
    replyOptions: {
      rewriteRequestHeaders: (request, headers) =>
        withToken(headers, request.raw.url, request.headers.authorization),
      onError: (reply, { error }) => {
        ;(reply as unknown as FastifyReply).send(problems.mediaServerUnavailable(error))
      },
    },
  } as Parameters<typeof httpProxy>[1])
}

/** The token as LiveKit finds it: the header before the query, the first of several. */
function tokenOf(url: string | undefined, authorization: string | undefined): string | undefined {
  if (authorization !== undefined) return /^Bearer (.+)$/.exec(authorization)?.[1]
  const query = url?.split('?', 2)[1]
  return new URLSearchParams(query).get('access_token') ?? undefined
}
