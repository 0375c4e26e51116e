import {
  type BodyOf,
  type CreateWebhookRequest,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  type QueryOf,
  redeliver,
  replayWebhook,
  rotateWebhookSecret,
  testWebhook,
  type UpdateWebhookRequest,
  updateWebhook,
} from '@rtcstack/contract'
import { allPages } from './pages.ts'
import type { Call, CallOptions } from './transport.ts'

type DeliveryQuery = QueryOf<typeof listDeliveries>

/** Endpoints that events are posted to, and the log of what was posted. */
export function createWebhooks(call: Call) {
  const deliveries = (webhookId: string, query: DeliveryQuery = {}, options?: CallOptions) =>
    call(listDeliveries, { params: { webhookId }, query }, options)
  return {
    list: (options?: CallOptions) => call(listWebhooks, {}, options),
    /** Registers an endpoint: the answer is the only one that shows the secret. */
    create: (request: CreateWebhookRequest, options?: CallOptions) =>
      call(createWebhook, { body: request }, options),
    get: (webhookId: string, options?: CallOptions) => call(getWebhook, { params: { webhookId } }, options),
    /** Changes what is given; `status: 'active'` enables one that was disabled. */
    update: (webhookId: string, request: UpdateWebhookRequest, options?: CallOptions) =>
      call(updateWebhook, { params: { webhookId }, body: request }, options),
    delete: (webhookId: string, options?: CallOptions) =>
      call(deleteWebhook, { params: { webhookId } }, options),
    /** Sends one event of type `test` now; takes up to 15 s where the endpoint is slow. */
    test: (webhookId: string, options?: CallOptions) =>
      call(testWebhook, { params: { webhookId } }, { timeoutMs: 20_000, ...options }),
    /** Makes a new secret; the old one goes on signing for `overlapSeconds`. */
    rotateSecret: (
      webhookId: string,
      request: BodyOf<typeof rotateWebhookSecret> = {},
      options?: CallOptions,
    ) => call(rotateWebhookSecret, { params: { webhookId }, body: request }, options),
    /** Queues every event of a span of time once more. */
    replay: (webhookId: string, request: BodyOf<typeof replayWebhook>, options?: CallOptions) =>
      call(replayWebhook, { params: { webhookId }, body: request }, options),
    /** A page of deliveries, newest event first, each with its attempts. */
    deliveries,
    /** All deliveries one after the other, fetched in pages of `limit`. */
    allDeliveries: (
      webhookId: string,
      { limit = 100, status, since, ...options }: CallOptions & Omit<DeliveryQuery, 'cursor'> = {},
    ) =>
      allPages(async (cursor) => {
        const filter = { ...(status !== undefined && { status }), ...(since !== undefined && { since }) }
        const page = await deliveries(webhookId, { limit, ...filter, ...(cursor && { cursor }) }, options)
        return { items: page.deliveries, nextCursor: page.nextCursor }
      }),
    /** Delivers once more, at once. */
    redeliver: (deliveryId: string, options?: CallOptions) =>
      call(redeliver, { params: { deliveryId } }, options),
  }
}
