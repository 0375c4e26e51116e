import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OriginOf } from '../../http/origin.ts'
import { ProblemError, problems } from '../../http/problem.ts'
import type { CountRefusal } from '../../http/refusals.ts'
import type { HttpServer } from '../../http/server.ts'
import type { WhipService } from './service.ts'

interface WhipRoutesOptions {
  whip: WhipService
  originOf: OriginOf
  countRefusal: CountRefusal
}

const offerType = 'application/sdp'
const fragmentType = 'application/trickle-ice-sdpfrag'

/** Pages of any origin may publish with a stream key, as encoders do. */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'location, etag, link, retry-after, x-request-id',
  'cache-control': 'no-store',
}
const preflightHeaders = {
  'access-control-allow-methods': 'POST, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, if-match',
  'access-control-max-age': '600',
  'accept-post': offerType,
}

const config = { undocumented: 'WHIP, as RFC 9725 has it', cors: false }

/** Where WHIP clients publish to; logs know these addresses by their pattern only, since they hold stream keys. */
export async function registerWhipRoutes(app: HttpServer, options: WhipRoutesOptions): Promise<void> {
  const { whip, originOf, countRefusal } = options
  await app.register(async (scope) => {
    readSessionDescriptions(scope)
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers(corsHeaders)
    })

    for (const url of ['/whip', '/whip/:streamKey', '/whip/streams/:resource'])
      scope.options(url, { config }, async (_request, reply) =>
        reply.code(204).headers(preflightHeaders).send(),
      )

    const publish = async (request: FastifyRequest, reply: FastifyReply) => {
      const ingress = await countRefusal(request, () => whip.admit(streamKeyOf(request)))
      const { answer, resource, iceSession, links } = await whip.publish(ingress, bodyOf(request, offerType))
      if (links !== undefined) reply.header('link', links)
      return tagged(reply, iceSession)
        .code(201)
        .header('location', `${originOf(request)}/whip/streams/${resource}`)
        .type(offerType)
        .send(answer)
    }
    scope.post('/whip', { config }, publish)
    scope.post('/whip/:streamKey', { config }, publish)

    scope.patch('/whip/streams/:resource', { config }, async (request, reply) => {
      const { fragment, iceSession } = await whip.change(
        resourceOf(request),
        request.headers['if-match'],
        bodyOf(request, fragmentType),
      )
      tagged(reply, iceSession)
      return fragment === undefined ? reply.code(204).send() : reply.type(fragmentType).send(fragment)
    })

    scope.delete('/whip/streams/:resource', { config }, async (request, reply) => {
      await whip.end(resourceOf(request))
      return reply.code(200).send()
    })
  })
}

function readSessionDescriptions(scope: HttpServer): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    [offerType, fragmentType],
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string) => body,
  )
  // What has no body needs none of these types.
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => {
    if (body.length > 0)
      throw new ProblemError('unsupported-media-type', `The body must be ${offerType} or ${fragmentType}`)
  })
}

/** In the address, or as a bearer token, which is how OBS sends it. */
function streamKeyOf(request: FastifyRequest): string {
  const { streamKey } = request.params as { streamKey?: string }
  const key = streamKey ?? /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (key === undefined) throw problems.streamKeyRefused()
  return key
}

const resourceOf = (request: FastifyRequest) => (request.params as { resource: string }).resource

function bodyOf(request: FastifyRequest, type: string): string {
  const given = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (given !== type) throw new ProblemError('unsupported-media-type', `The body must be ${type}`)
  if (typeof request.body !== 'string' || request.body === '') throw problems.badRequest('The body is empty')
  return request.body
}

const tagged = (reply: FastifyReply, iceSession: string | undefined) =>
  iceSession === undefined ? reply : reply.header('etag', `"${iceSession}"`)
