import { type Static, Type } from 'typebox'
import { deliveryErrors } from './delivery-errors.ts'
import { operation } from './operation.ts'
import { GivenInstant, Instant, NextCursor, Page, strict } from './shapes.ts'
import { EventFilter, WebhookParams, webhookFrame } from './webhooks.ts'

export const DeliveryAttempt = strict(
  {
    at: Instant,
    durationMs: Type.Integer(),
    statusCode: Type.Union([Type.Integer(), Type.Null()]),
    error: Type.Union([Type.String({ enum: [...deliveryErrors] }), Type.Null()]),
    address: Type.Union([Type.String(), Type.Null()], { description: 'IP address that was connected to.' }),
    answer: Type.Union([Type.String(), Type.Null()], { description: 'First 4 KiB of the body.' }),
  },
  { $id: 'DeliveryAttempt' },
)
export type DeliveryAttempt = Static<typeof DeliveryAttempt>

export const Delivery = strict(
  {
    id: Type.String({ description: 'dl_…' }),
    webhookId: Type.String(),
    eventId: Type.String(),
    type: Type.String(),
    status: Type.String({ enum: ['pending', 'delivered', 'failed'] }),
    createdAt: Instant,
    nextAttemptAt: Type.Union([Instant, Type.Null()], { description: 'While it is pending.' }),
    attempts: Type.Array(DeliveryAttempt, { description: 'Oldest first.' }),
  },
  { $id: 'Delivery' },
)
export type Delivery = Static<typeof Delivery>

export const DeliveryList = strict(
  { deliveries: Type.Array(Delivery), nextCursor: NextCursor },
  { $id: 'DeliveryList' },
)
export type DeliveryList = Static<typeof DeliveryList>

const deliveryExample = {
  id: 'dl_1_4fQXG8dJ2nKpRs7T',
  webhookId: 'wh_4fQXG8dJ2nKpRs7T',
  eventId: 'room_created:RM_pkbeSoWjg3sT',
  type: 'room_created',
  status: 'delivered',
  createdAt: '2026-01-01T12:00:00.130Z',
  nextAttemptAt: null,
  attempts: [
    {
      at: '2026-01-01T12:00:00.135Z',
      durationMs: 12,
      statusCode: 200,
      error: null,
      address: '203.0.113.7',
      answer: 'ok',
    },
  ],
}

export const replayWebhook = operation({
  ...webhookFrame,
  id: 'replayWebhook',
  method: 'POST',
  path: '/v1/webhooks/:webhookId/replay',
  summary: 'Deliver past events again',
  description:
    'Every event of the ledger from `since` on, before `until`, at most 100,000 at a time; also those delivered before.',
  rateLimit: 'write',
  params: WebhookParams,
  body: strict(
    {
      since: GivenInstant,
      until: Type.Optional(GivenInstant),
      events: Type.Optional(EventFilter),
    },
    { $id: 'ReplayRequest' },
  ),
  bodyExample: { since: '2026-01-01T12:00:00.000Z' },
  answers: {
    202: {
      description: 'How many deliveries were queued.',
      schema: strict({ queued: Type.Integer() }, { $id: 'ReplayResult' }),
      example: { queued: 12 },
    },
  },
  problems: ['not-found', 'conflict'],
})

export const listDeliveries = operation({
  ...webhookFrame,
  id: 'listDeliveries',
  method: 'GET',
  path: '/v1/webhooks/:webhookId/deliveries',
  summary: 'List the deliveries of a webhook',
  description:
    'Newest first, each with the log of its attempts. Delivered ones are kept for 30 days, failed ones for 90.',
  rateLimit: 'read',
  params: WebhookParams,
  query: strict({
    status: Type.Optional(Type.String({ enum: ['pending', 'delivered', 'failed'] })),
    since: Type.Optional(GivenInstant),
    ...Page,
  }),
  answers: {
    200: {
      description: 'The deliveries.',
      schema: DeliveryList,
      example: { deliveries: [deliveryExample], nextCursor: null },
    },
  },
  problems: ['not-found', 'database-unavailable'],
})

export const redeliver = operation({
  ...webhookFrame,
  id: 'redeliver',
  method: 'POST',
  path: '/v1/deliveries/:deliveryId/redeliver',
  summary: 'Deliver once more',
  description: 'At once, and with the whole schedule of retries before it.',
  rateLimit: 'write',
  params: strict({
    deliveryId: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      description: 'dl_… id of the delivery.',
      examples: ['dl_1_4fQXG8dJ2nKpRs7T'],
    }),
  }),
  answers: {
    202: {
      description: 'The delivery, pending again.',
      schema: Delivery,
      example: { ...deliveryExample, status: 'pending', nextAttemptAt: '2026-01-01T12:10:00.000Z' },
    },
  },
  problems: ['not-found', 'conflict'],
})
