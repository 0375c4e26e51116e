import type { IngressInfo } from '@rtcstack/contract'
import { IngressClient, TwirpError } from 'livekit-server-sdk'
import { ProblemError, problems } from '../../http/problem.ts'
import { type LiveKitOptions, problemOf } from '../../livekit/client.ts'
import { ingressInputs, toInfoOfLiveKit } from '../../livekit/convert.ts'
import type { WantedIngress } from '../wanted.ts'

const deadlineSeconds = 5

/** LiveKit's Ingress service, asked through LiveKit. Every call ends within 5 seconds, and fails with a problem only. */
export function createIngressEngine({ url, apiKey, apiSecret }: LiveKitOptions) {
  const client = new IngressClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
    requestTimeout: deadlineSeconds,
    failover: false,
  })

  return {
    create: ({ room, type, identity, name }: WantedIngress): Promise<IngressInfo> =>
      asking(async () =>
        toInfoOfLiveKit(
          await client.createIngress(ingressInputs[type], {
            roomName: room,
            participantIdentity: identity,
            participantName: name,
          }),
        ),
      ),

    /** All that it has of a room, those that others made too. */
    list: (room: string): Promise<IngressInfo[]> =>
      asking(async () => (await client.listIngress({ roomName: room })).map(toInfoOfLiveKit)),

    /** Refuses its key and ends what is published; one that is not there needs nothing. */
    async delete(id: string): Promise<void> {
      await asking(async () => {
        // LiveKit without Redis says so when it is asked for a list, and panics when it is to delete.
        await client.listIngress({ ingressId: id })
        await client.deleteIngress(id)
      }).catch((error) => {
        if (!(error instanceof ProblemError && error.slug === 'not-found')) throw error
      })
    },
  }
}

export type IngressEngine = ReturnType<typeof createIngressEngine>

async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw hasNoRedis(error) ? problems.ingressUnavailable(remedy) : problemOf(error)
  }
}

const hasNoRedis = (error: unknown) =>
  error instanceof TwirpError && /ingress not connected/.test(error.message)

const remedy =
  'LiveKit has no Redis, through which its Ingress service is reached: set `redis` in the settings of both, or INGRESS=built-in here'
