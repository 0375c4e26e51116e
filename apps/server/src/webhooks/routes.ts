import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  replayWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from '@rtcstack/contract'
import { pageOf } from '../http/page.ts'
import { defaultLimit, readPlace, writePlace } from '../http/place.ts'
import { problems } from '../http/problem.ts'
import { answer, type Route } from '../http/router.ts'
import { readDeliveryId } from './delivery-id.ts'
import type { DeliveryLog } from './log-store.ts'
import { placeOf, type WebhookService } from './service.ts'

export function registerWebhookRoutes(route: Route, webhooks: WebhookService, log: DeliveryLog): void {
  route(listWebhooks, async ({ query }) => {
    const { items, nextCursor } = pageOf(await webhooks.list(), placeOf, query)
    return answer(200, { webhooks: items, nextCursor })
  })
  route(createWebhook, async ({ body }) => answer(201, await webhooks.create(body)))
  route(getWebhook, async ({ params }) => answer(200, await webhooks.get(params.webhookId)))
  route(updateWebhook, async ({ params, body }) => answer(200, await webhooks.update(params.webhookId, body)))
  route(testWebhook, async ({ params }) => answer(200, await webhooks.test(params.webhookId)))

  route(deleteWebhook, async ({ params }) => {
    await webhooks.remove(params.webhookId)
    return answer(204)
  })

  route(rotateWebhookSecret, async ({ params, body }) =>
    answer(200, await webhooks.rotate(params.webhookId, body.secret, body.overlapSeconds)),
  )

  route(replayWebhook, async ({ params, body }) => {
    const { id, status, events } = await webhooks.get(params.webhookId)
    requireActive(status)
    const since = readInstant(body.since, '#/since')
    const until = body.until === undefined ? new Date() : readInstant(body.until, '#/until')
    return answer(202, { queued: await log.replay(id, since, until, body.events ?? events) })
  })

  route(listDeliveries, async ({ params, query }) => {
    const { limit = defaultLimit, status, since, cursor } = query
    const { id } = await webhooks.get(params.webhookId)
    const filter = {
      ...(status !== undefined && { status }),
      ...(since !== undefined && { since: readInstant(since, '#/query/since') }),
      ...(cursor !== undefined && { before: readPlace(cursor, toPosition) }),
    }
    const found = await log.list(id, filter, limit + 1)
    const last = found.length > limit ? found[limit - 1] : undefined
    return answer(200, {
      deliveries: found.slice(0, limit).map(({ delivery }) => delivery),
      nextCursor: last ? writePlace([last.position]) : null,
    })
  })

  route(redeliver, async ({ params }) => {
    const place = readDeliveryId(params.deliveryId)
    if (!place) throw problems.deliveryNotFound()
    requireActive((await webhooks.get(place.webhookId)).status)
    const delivery = await log.again(place)
    if (!delivery) throw problems.deliveryNotFound()
    return answer(202, delivery)
  })
}

function requireActive(status: string): void {
  if (status !== 'active') throw problems.conflict('The webhook is disabled: make it active by PATCH first')
}

const toPosition = ([position]: unknown[]) =>
  typeof position === 'string' && /^[1-9]\d{0,17}$/.test(position) ? position : undefined

/** Checked against the contract already: but a day that a month does not have would be taken for one of the next. */
function readInstant(text: string, pointer: string): Date {
  const time = new Date(text)
  const [day = '', ofMonth] = /^\d{4}-\d{2}-(\d{2})/.exec(text) ?? []
  if (Number.isNaN(time.getTime()) || new Date(`${day}T00:00:00Z`).getUTCDate() !== Number(ofMonth))
    throw problems.invalid([{ pointer, detail: 'must be a time that exists' }])
  return time
}
