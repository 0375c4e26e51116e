import type { DeliveryAttempt } from '@rtcstack/contract'
import type { Outbound, PostOutcome } from '../outbound/outbound.ts'
import type { Sealing } from '../secrets/sealing.ts'
import { secretKey } from './secret.ts'
import { signatureHeaders } from './signature.ts'

const userAgent = 'RTCstack-Webhook/1'

/** What is sent, and to whom. */
export interface Parcel {
  webhookId: string
  url: string
  sealedSecret: Buffer
  sealedOldSecret: Buffer | null
  eventId: string
  type: string
  body: string
}

/** Signs and sends; resolves to what came of it, and never rejects. */
export type Deliver = (
  parcel: Parcel,
) => Promise<{ attempt: DeliveryAttempt; retryAfterSeconds: number | undefined }>

/** Makes the one way by which anything goes to an endpoint: deliveries, tests and replays alike. */
export function createDeliver(outbound: Pick<Outbound, 'post'>, sealing: Sealing, now: () => Date): Deliver {
  return async (parcel) => {
    const at = now()
    const keys = keysOf(parcel, sealing)
    const outcome = keys
      ? await outbound.post(parcel.url, {
          headers: {
            'content-type': 'application/json',
            'user-agent': userAgent,
            'x-rtcstack-event': parcel.type,
            ...signatureHeaders({ id: parcel.eventId, at, body: parcel.body }, keys),
          },
          body: parcel.body,
        })
      : unsigned
    const { retryAfterSeconds, ...result } = outcome
    return { attempt: { at: at.toISOString(), ...result }, retryAfterSeconds }
  }
}

/** Without its secret an event is not sent; it waits for the operator to bring the key back. */
const unsigned: PostOutcome = {
  statusCode: null,
  error: 'secret',
  address: null,
  answer: null,
  durationMs: 0,
  retryAfterSeconds: undefined,
}

/** Undefined where the secret in force cannot be opened; one that is on its way out is not needed. */
function keysOf(
  { webhookId, sealedSecret, sealedOldSecret }: Parcel,
  sealing: Sealing,
): Buffer[] | undefined {
  const keyOf = (sealed: Buffer) => {
    try {
      return secretKey(sealing.open(webhookId, sealed))
    } catch {
      return undefined
    }
  }
  const key = keyOf(sealedSecret)
  const oldKey = sealedOldSecret ? keyOf(sealedOldSecret) : undefined
  return key && (oldKey ? [key, oldKey] : [key])
}
