import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { TokenVerifier } from 'livekit-server-sdk'
import { problems } from '../http/problem.ts'
import type { CountRefusal } from '../http/refusals.ts'
import type { HttpServer } from '../http/server.ts'
import type { Letter } from './store.ts'

/** Where the managed LiveKit posts its events; an own LiveKit is set to `<this server>/internal/livekit`. */
export const webhookPath = '/internal/livekit'

/** A room and a participant with all the metadata and attributes that LiveKit allows stay far below. */
const maxBodyBytes = 4 * 1024 * 1024

interface InboxRouteOptions {
  apiKey: string
  apiSecret: string
  /** Resolves when the letter is committed; LiveKit sends it again where this rejects. */
  keep: (letter: Letter) => Promise<unknown>
  /** Told when there is a letter to deal with. */
  onKept: () => void
  countRefusal: CountRefusal
}

/**
 * Takes LiveKit's events, signed with its key over the raw body. They are kept, and nothing else: LiveKit is answered
 * when the event is committed, and dealing with it can neither fail nor hold up that answer.
 */
export function registerInboxRoutes(
  app: HttpServer,
  { apiKey, apiSecret, keep, onKept, countRefusal }: InboxRouteOptions,
): void {
  const verifier = new TokenVerifier(apiKey, apiSecret)
  const hashes = new WeakMap<FastifyRequest, string | undefined>()
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    const options = {
      bodyLimit: maxBodyBytes,
      config: { undocumented: 'for LiveKit only' },
      // Before the body: nobody else may make us read it.
      onRequest: async (request: FastifyRequest) => {
        const claims = await countRefusal(request, () => readClaims(request.headers.authorization, verifier))
        hashes.set(request, claims.sha256)
      },
    }
    scope.post(webhookPath, options, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (createHash('sha256').update(body).digest('base64') !== hashes.get(request)) throw notSigned()
      const text = body.toString()
      const livekitId = idOf(text)
      if (!livekitId) throw problems.badRequest('An event needs an id')
      await keep({ livekitId, body: text })
      onKept()
      return reply.code(200).send()
    })
  })
}

const notSigned = () => problems.unauthorized('This is not signed by our LiveKit')

const readClaims = (token: string | undefined, verifier: TokenVerifier) =>
  verifier.verify(token ?? '').catch(() => {
    throw notSigned()
  })

/** Read without regard to the rest: what it is about is not understood here. */
function idOf(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
