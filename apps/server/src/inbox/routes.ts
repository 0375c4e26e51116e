import { createHash } from 'node:crypto'
import { TokenVerifier } from 'livekit-server-sdk'
import { problems } from '../http/problem.ts'
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
}

/**
 * Takes LiveKit's events, signed with its key over the raw body. They are kept, and nothing else: LiveKit is answered
 * when the event is committed, and dealing with it can neither fail nor hold up that answer.
 */
export function registerInboxRoutes(
  app: HttpServer,
  { apiKey, apiSecret, keep, onKept }: InboxRouteOptions,
): void {
  const verifier = new TokenVerifier(apiKey, apiSecret)
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    const options = { bodyLimit: maxBodyBytes, config: { undocumented: 'for LiveKit only' } }
    scope.post(webhookPath, options, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (!(await isSigned(body, request.headers.authorization, verifier)))
        throw problems.unauthorized('This is not signed by our LiveKit')
      const text = body.toString()
      const livekitId = idOf(text)
      if (!livekitId) throw problems.badRequest('An event needs an id')
      await keep({ livekitId, body: text })
      onKept()
      return reply.code(200).send()
    })
  })
}

async function isSigned(body: Buffer, token: string | undefined, verifier: TokenVerifier): Promise<boolean> {
  const claims = await verifier.verify(token ?? '').catch(() => undefined)
  return claims?.sha256 === createHash('sha256').update(body).digest('base64')
}

/** Read without regard to the rest: what it is about is not understood here. */
function idOf(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
