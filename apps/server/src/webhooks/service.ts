import { randomBytes } from 'node:crypto'
import type {
  CreateWebhookRequest,
  UpdateWebhookRequest,
  Webhook,
  WebhookTestResult,
} from '@rtcstack/contract'
import { problems } from '../http/problem.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { Sealing } from '../secrets/sealing.ts'
import type { Deliver } from './deliver.ts'
import { makeSecret, secretKey } from './secret.ts'
import type { WebhookRow, WebhookStore } from './store.ts'

const maxWebhooks = 10_000
const defaultOverlapSeconds = 86_400

interface WebhookServiceOptions {
  store: WebhookStore
  sealing: Sealing
  outbound: Pick<Outbound, 'refusal'>
  deliver: Deliver
}

/** Endpoints that events are posted to. Secrets are shown once, when they are made. */
export function createWebhookService({ store, sealing, outbound, deliver }: WebhookServiceOptions) {
  async function existing(id: string) {
    const webhook = await store.find(id)
    if (!webhook) throw problems.webhookNotFound()
    return webhook
  }

  async function requireGoodUrl(url: string): Promise<void> {
    const refusal = await outbound.refusal(url)
    if (refusal) throw problems.invalid([{ pointer: '#/url', detail: refusal }])
  }

  async function rotationFault(id: string): Promise<Error> {
    const { oldSecretUntil } = await existing(id)
    return problems.conflict(
      `The secret before still signs until ${oldSecretUntil?.toISOString()}: rotate after that, or with overlapSeconds 0`,
    )
  }

  return {
    /** All of them, oldest first. */
    async list(): Promise<Webhook[]> {
      return (await store.list()).map(masked).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
    },

    get: async (id: string): Promise<Webhook> => masked(await existing(id)),

    async create({ url, events = ['*'], secret = makeSecret() }: CreateWebhookRequest): Promise<Webhook> {
      requireGoodSecret(secret)
      await requireGoodUrl(url)
      if ((await store.count()) >= maxWebhooks)
        throw problems.conflict(`There are ${maxWebhooks} webhooks already: delete those that are not used`)
      const id = `wh_${randomBytes(12).toString('base64url')}`
      const row = await store.insert({ id, url, events, sealedSecret: sealing.seal(id, secret) })
      return { ...masked(row), secret }
    },

    async update(id: string, { url, events, status }: UpdateWebhookRequest): Promise<Webhook> {
      await existing(id)
      if (url !== undefined) await requireGoodUrl(url)
      const row = await store.update(id, {
        ...(url !== undefined && { url }),
        ...(events !== undefined && { events }),
        ...(status !== undefined && { status: status as WebhookRow['status'] }),
      })
      if (!row) throw problems.webhookNotFound()
      return masked(row)
    },

    async remove(id: string): Promise<void> {
      if (!(await store.remove(id))) throw problems.webhookNotFound()
    },

    async rotate(
      id: string,
      secret = makeSecret(),
      overlapSeconds = defaultOverlapSeconds,
    ): Promise<Webhook> {
      requireGoodSecret(secret)
      const row = await store.rotate(id, sealing.seal(id, secret), overlapSeconds)
      if (!row) throw await rotationFault(id)
      return { ...masked(row), secret }
    },

    /** Tries one delivery now. What the endpoint answers is not told, only its status: it may be an inner address. */
    async test(id: string): Promise<WebhookTestResult> {
      const webhook = await existing(id)
      const eventId = `test:${randomBytes(9).toString('base64url')}`
      const { attempt } = await deliver({
        webhookId: id,
        url: webhook.url,
        sealedSecret: webhook.sealedSecret,
        sealedOldSecret:
          webhook.oldSecretUntil && webhook.oldSecretUntil > new Date() ? webhook.sealedOldSecret : null,
        eventId,
        type: 'test',
        body: testBody(eventId, id),
      })
      const { statusCode, error } = attempt
      return {
        delivered: error === null,
        ...(statusCode !== null && { statusCode }),
        ...(error !== null && error !== 'status' && { error }),
      }
    },
  }
}

/** Where a webhook stands in the list of all. */
export const placeOf = ({ createdAt, id }: Webhook): string => `${createdAt} ${id}`

export type WebhookService = ReturnType<typeof createWebhookService>

function requireGoodSecret(secret: string): void {
  if (secretKey(secret)) return
  const detail = 'must be whsec_ and base64 of 24 to 64 bytes, or any text of 24 bytes or more'
  throw problems.invalid([{ pointer: '#/secret', detail }])
}

const testBody = (id: string, webhookId: string) =>
  JSON.stringify({
    id,
    event: 'test',
    type: 'test',
    timestamp: new Date().toISOString(),
    roomId: '',
    sequence: 0,
    data: { webhookId },
  })

const masked = ({ id, url, events, status, disabledReason, createdAt, updatedAt }: WebhookRow): Webhook => ({
  id,
  url,
  events,
  secret: '***',
  status,
  disabledReason,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})
