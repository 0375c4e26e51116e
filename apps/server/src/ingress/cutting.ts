import type { ParticipantInfo } from '@rtcstack/contract'
import type { Logger } from 'pino'
import { ignoreNotFound } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import { createWakeable } from '../process/wakeable.ts'
import { ingressOf } from './row.ts'
import type { IngressStore } from './store.ts'

const sweepEveryMs = 10_000

interface CuttingOptions {
  store: Pick<IngressStore, 'isDeleted' | 'listDeletedPublishing'>
  livekit: Pick<LiveKit, 'listParticipants' | 'removeParticipant'>
  log: Logger
}

/** Cuts streams off whose endpoints are gone: at once, or by the next sweep where LiveKit did not answer. */
export function createIngressCutting({ store, livekit, log }: CuttingOptions) {
  /** Removes who publishes by an endpoint from its room; gives those. */
  async function cut({ id, room }: { id: string; room: string }): Promise<ParticipantInfo[]> {
    const streams = (await livekit.listParticipants(room)).filter((one) => ingressOf(one) === id)
    for (const { identity } of streams) await livekit.removeParticipant(room, identity).catch(ignoreNotFound)
    return streams
  }

  const sweep = async () => {
    for (const ingress of await store.listDeletedPublishing()) await cut(ingress)
  }
  const sweeping = createWakeable(sweep, {
    everyMs: sweepEveryMs,
    onError: (error) => log.debug({ err: error }, 'cutting streams of deleted endpoints is put off'),
  })

  return {
    cut,

    /** Somebody has joined: who came by an endpoint that was deleted meanwhile is removed. */
    async inspect(room: string, participant: ParticipantInfo): Promise<void> {
      const id = ingressOf(participant)
      if (id !== undefined && (await store.isDeleted(id))) await cut({ id, room })
    },

    close: sweeping.close,
  }
}

export type IngressCutting = ReturnType<typeof createIngressCutting>
