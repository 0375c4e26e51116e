import { timingSafeEqual } from 'node:crypto'
import type { IngressType } from '@rtcstack/contract'
import { AccessToken } from 'livekit-server-sdk'
import type { BanService } from '../bans/service.ts'
import { epochAttribute } from '../bans/standing.ts'
import { problems } from '../http/problem.ts'
import { type IngressRow, ingressAttribute } from './row.ts'
import type { IngressStore } from './store.ts'
import { digestOf } from './stream-key.ts'

/** It is looked at when a stream begins and when it is changed, and made anew each time. */
const tokenSeconds = 60

interface AdmissionOptions {
  store: Pick<IngressStore, 'findByKey'>
  bans: Pick<BanService, 'admit'>
  livekit: { apiKey: string; apiSecret: string }
}

/** Who may publish by a stream key, and the token by which LiveKit lets the stream into its room. */
export function createIngressAdmission({ store, bans, livekit }: AdmissionOptions) {
  return {
    /** The endpoint of a key; throws `unauthorized` where there is none. */
    async find(type: IngressType, streamKey: string): Promise<IngressRow> {
      const digest = digestOf(streamKey)
      const row = await store.findByKey(digest)
      if (!row || row.type !== type || !timingSafeEqual(row.keyDigest, digest))
        throw problems.streamKeyRefused()
      return row
    },

    /** The kick up to which a stream that begins now knows; throws `participant-banned` under a ban. */
    epochOf: ({ room, identity }: IngressRow): Promise<string> => bans.admit({ room, identity }),

    /** A token of LiveKit for the stream of an endpoint, which knows of kicks up to this one. */
    token({ id, room, identity, name }: IngressRow, epoch: string): Promise<string> {
      const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
        identity,
        name,
        ttl: tokenSeconds,
        attributes: { [ingressAttribute]: id, [epochAttribute]: epoch },
      })
      token.kind = 'ingress'
      token.addGrant({
        room,
        roomJoin: true,
        canPublish: true,
        canSubscribe: false,
        canPublishData: false,
        canUpdateOwnMetadata: false,
      })
      return token.toJwt()
    },
  }
}

export type IngressAdmission = ReturnType<typeof createIngressAdmission>
