import { WebhookReceiver } from 'livekit-server-sdk'
import { problems } from '../http/problem.ts'
import type { HttpServer } from '../http/server.ts'
import type { Letter } from './store.ts'

/** Where the managed LiveKit posts its events; an own LiveKit is set to `<this server>/internal/livekit`. */
export const webhookPath = '/internal/livekit'

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
  const receiver = new WebhookReceiver(apiKey, apiSecret)
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.post(webhookPath, { config: { undocumented: 'for LiveKit only' } }, async (request, reply) => {
      const body = String(request.body ?? '')
      const { id } = await receiver.receive(body, request.headers.authorization).catch(() => {
        throw problems.unauthorized('This is not signed by our LiveKit')
      })
      if (!id) throw problems.badRequest('An event needs an id')
      await keep({ livekitId: id, body })
      onKept()
      return reply.code(200).send()
    })
  })
}
