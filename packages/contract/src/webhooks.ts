import { type Static, Type } from 'typebox'
import { deliveryErrors } from './delivery-errors.ts'
import { eventTypes } from './events.ts'
import { operation } from './operation.ts'
import { Instant, NextCursor, OptionalPage, strict } from './shapes.ts'

/** An endpoint to post to. What it resolves to is judged too: private addresses need WEBHOOK_ALLOW_CIDRS. */
const WebhookUrl = Type.String({
  format: 'uri',
  minLength: 8,
  maxLength: 2048,
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
  description: 'Where events are posted to: http or https, without a user name, password or fragment.',
  examples: ['https://app.example.com/hooks/rtcstack'],
})

/** Which types an endpoint gets. */
export const EventFilter = Type.Array(Type.String({ enum: ['*', ...eventTypes] }), {
  minItems: 1,
  maxItems: 32,
  description: 'Types to deliver; `*` is all.',
})

const Secret = Type.String({
  format: 'webhook-secret',
  maxLength: 512,
  description:
    '`whsec_` and base64 of 24 to 64 bytes, or any text of 24 bytes or more, used as it is. Made when left out.',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
})

const webhook = {
  id: Type.String({ description: 'wh_…' }),
  url: Type.String({ format: 'uri' }),
  events: Type.Array(Type.String()),
  secret: Type.String({ description: '`***` but in the answers that make it.' }),
  status: Type.String({
    enum: ['active', 'disabled'],
    description: 'A disabled one gets nothing; PATCH makes it active again.',
  }),
  disabledReason: Type.Union([Type.String(), Type.Null()], { description: 'Why, where we disabled it.' }),
  createdAt: Instant,
  updatedAt: Instant,
}

export const Webhook = strict(webhook, { $id: 'Webhook' })
export type Webhook = Static<typeof Webhook>

export const WebhookList = strict(
  { webhooks: Type.Array(Webhook), nextCursor: NextCursor },
  { $id: 'WebhookList' },
)
export type WebhookList = Static<typeof WebhookList>

export const CreateWebhookRequest = strict(
  { url: WebhookUrl, events: Type.Optional(EventFilter), secret: Type.Optional(Secret) },
  { $id: 'CreateWebhookRequest' },
)
export type CreateWebhookRequest = Static<typeof CreateWebhookRequest>

export const UpdateWebhookRequest = strict(
  {
    url: Type.Optional(WebhookUrl),
    events: Type.Optional(EventFilter),
    status: Type.Optional(Type.String({ enum: ['active', 'disabled'] })),
  },
  { $id: 'UpdateWebhookRequest' },
)
export type UpdateWebhookRequest = Static<typeof UpdateWebhookRequest>

/** Outcome of a test delivery. */
export const WebhookTestResult = strict(
  {
    delivered: Type.Boolean({ description: 'Whether the endpoint answered with 2xx.' }),
    statusCode: Type.Optional(Type.Integer({ description: 'Its answer, where there was one.' })),
    error: Type.Optional(
      Type.String({
        enum: deliveryErrors.filter((name) => name !== 'status'),
        description: 'Why there was none.',
      }),
    ),
  },
  { $id: 'WebhookTestResult' },
)
export type WebhookTestResult = Static<typeof WebhookTestResult>

/** The path parameter of everything below a webhook. */
export const WebhookParams = strict({
  webhookId: Type.String({
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    description: 'wh_… id of the webhook.',
    examples: ['wh_4fQXG8dJ2nKpRs7T'],
  }),
})

const webhookExample = {
  id: 'wh_4fQXG8dJ2nKpRs7T',
  url: 'https://app.example.com/hooks/rtcstack',
  events: ['*'],
  secret: '***',
  status: 'active',
  disabledReason: null,
  createdAt: '2026-01-01T12:00:00.000Z',
  updatedAt: '2026-01-01T12:00:00.000Z',
}
const created = { ...webhookExample, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }

/** What all operations on webhooks have in common. */
export const webhookFrame = { tag: 'Webhooks', security: 'apiKey' } as const

export const listWebhooks = operation({
  ...webhookFrame,
  id: 'listWebhooks',
  method: 'GET',
  path: '/v1/webhooks',
  summary: 'List all webhooks',
  description: 'All of them unless `limit` is given; oldest first.',
  rateLimit: 'read',
  query: strict(OptionalPage),
  answers: {
    200: {
      description: 'The webhooks.',
      schema: WebhookList,
      example: { webhooks: [webhookExample], nextCursor: null },
    },
  },
  problems: ['database-unavailable'],
})

export const createWebhook = operation({
  ...webhookFrame,
  id: 'createWebhook',
  method: 'POST',
  path: '/v1/webhooks',
  summary: 'Register a webhook',
  description: 'The answer is the only one that shows the secret.',
  rateLimit: 'write',
  body: CreateWebhookRequest,
  bodyExample: { url: 'https://app.example.com/hooks/rtcstack', events: ['*'] },
  answers: { 201: { description: 'Registered.', schema: Webhook, example: created } },
  problems: ['conflict'],
})

export const getWebhook = operation({
  ...webhookFrame,
  id: 'getWebhook',
  method: 'GET',
  path: '/v1/webhooks/:webhookId',
  summary: 'Get one webhook',
  rateLimit: 'read',
  params: WebhookParams,
  answers: { 200: { description: 'The webhook.', schema: Webhook, example: webhookExample } },
  problems: ['not-found', 'database-unavailable'],
})

export const updateWebhook = operation({
  ...webhookFrame,
  id: 'updateWebhook',
  method: 'PATCH',
  path: '/v1/webhooks/:webhookId',
  summary: 'Change a webhook',
  description: 'What is left out stays. What an endpoint missed while it was disabled can be replayed.',
  rateLimit: 'write',
  params: WebhookParams,
  body: UpdateWebhookRequest,
  bodyExample: { events: ['participant_joined', 'participant_left'] },
  answers: { 200: { description: 'The webhook.', schema: Webhook, example: webhookExample } },
  problems: ['not-found', 'payload-too-large', 'unsupported-media-type', 'database-unavailable'],
})

export const deleteWebhook = operation({
  ...webhookFrame,
  id: 'deleteWebhook',
  method: 'DELETE',
  path: '/v1/webhooks/:webhookId',
  summary: 'Delete a webhook',
  description: 'Its deliveries and their log go with it.',
  rateLimit: 'write',
  params: WebhookParams,
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'database-unavailable'],
})

export const testWebhook = operation({
  ...webhookFrame,
  id: 'testWebhook',
  method: 'POST',
  path: '/v1/webhooks/:webhookId/test',
  summary: 'Send a test delivery',
  description:
    'An event of type `test`, signed and guarded as all are. It is tried once and counts for nothing.',
  rateLimit: 'webhookTest',
  params: WebhookParams,
  answers: {
    200: {
      description: 'What came of it.',
      schema: WebhookTestResult,
      example: { delivered: true, statusCode: 200 },
    },
  },
  problems: ['not-found'],
})

export const rotateWebhookSecret = operation({
  ...webhookFrame,
  id: 'rotateWebhookSecret',
  method: 'POST',
  path: '/v1/webhooks/:webhookId/rotate-secret',
  summary: 'Rotate the secret',
  description:
    'Until the overlap ends, deliveries carry a signature by each of the two secrets. While one lasts, only a rotation without overlap is possible.',
  rateLimit: 'write',
  params: WebhookParams,
  body: strict(
    {
      overlapSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 86_400,
          description: 'How long the old secret goes on signing too; a day unless told.',
        }),
      ),
      secret: Type.Optional(Secret),
    },
    { $id: 'RotateSecretRequest' },
  ),
  bodyExample: { overlapSeconds: 3600 },
  answers: { 200: { description: 'The webhook with its new secret.', schema: Webhook, example: created } },
  problems: ['not-found', 'conflict'],
})
