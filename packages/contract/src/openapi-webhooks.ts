import type { TSchema } from 'typebox'
import { LedgerEvent, TestEvent } from './events.ts'

const header = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
})

/** What the server posts to endpoints, as OpenAPI 3.1 describes requests that come from the API. */
export const toOpenApiWebhooks = (reference: (schema: TSchema) => unknown) => ({
  event: {
    post: {
      operationId: 'receiveEvent',
      tags: ['Webhooks'],
      summary: 'An event is delivered',
      description:
        'Posted to every active webhook that wants its type, again until it is answered with 2xx within 15 seconds. It may come twice, under the same id.',
      security: [],
      parameters: [
        header(
          'webhook-id',
          'Id of the event, equal over repetitions.',
          'participant_joined:PA_vjGmLCxhbn5k',
        ),
        header('webhook-timestamp', 'Seconds since 1970 of this attempt.', '1767268805'),
        header(
          'webhook-signature',
          '`v1,` and base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>` (Standard Webhooks); one for each secret, separated by spaces.',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        ),
        header('X-RTCstack-Event', 'Type of the event.', 'participant_joined'),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { anyOf: [reference(LedgerEvent), reference(TestEvent)] } },
        },
      },
      responses: {
        '204': { description: 'Taken; any 2xx is.' },
        '410': { description: 'Gone: the webhook is disabled.' },
        '503': { description: 'Not now; any other status is too. `Retry-After` is heeded.' },
      },
    },
  },
})
