import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk'
import { problems } from '../http/problem.ts'
import type { HttpServer } from '../http/server.ts'

/** Where the managed LiveKit posts its events; an own LiveKit is set to `<this server>/internal/livekit`. */
export const webhookPath = '/internal/livekit'

interface WebhookOptions {
  apiKey: string
  apiSecret: string
  /** Throws where the event could not be taken: LiveKit then sends it again. */
  onEvent: (event: WebhookEvent) => Promise<void>
}

/** Takes LiveKit's events: signed with its key, the signature covering the raw body. */
export function registerLiveKitWebhooks(
  app: HttpServer,
  { apiKey, apiSecret, onEvent }: WebhookOptions,
): void {
  const receiver = new WebhookReceiver(apiKey, apiSecret)
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.post(webhookPath, { config: { undocumented: 'for LiveKit only' } }, async (request, reply) => {
      const event = await receiver
        .receive(String(request.body ?? ''), request.headers.authorization)
        .catch(() => {
          throw problems.unauthorized('This is not signed by our LiveKit')
        })
      await onEvent(event)
      return reply.code(200).send()
    })
  })
}
