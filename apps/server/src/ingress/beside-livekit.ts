import type { CreateIngressRequest, IngressInfo } from '@rtcstack/contract'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { problems } from '../http/problem.ts'
import type { KeepIngress } from './keeping.ts'
import type { IngressEngine } from './livekit/engine.ts'
import { infoInLiveKit } from './livekit/info.ts'
import type { IngressRemoval } from './livekit/removal.ts'
import type { IngressService } from './service.ts'
import type { IngressStore } from './store.ts'
import { wantedIngress } from './wanted.ts'

interface BesideLiveKitOptions {
  /** Endpoints whose streams come to us. */
  ours: IngressService
  /** Where new endpoints are made. */
  intake: Config['INGRESS']
  engine: IngressEngine
  store: Pick<IngressStore, 'list'>
  keep: KeepIngress
  removal: Pick<IngressRemoval, 'remove'>
  log: Logger
}

/**
 * Endpoints in LiveKit's Ingress service beside ours. Those that are there are listed and deleted wherever they are: a change of
 * INGRESS leaves no key that nobody could take away.
 */
export function createIngressBesideLiveKit(options: BesideLiveKitOptions): IngressService {
  const { ours, intake, engine, store, keep, removal, log } = options

  async function create(room: string, request: CreateIngressRequest): Promise<IngressInfo> {
    const wanted = wantedIngress(room, request)
    const made = await engine.create(wanted)
    try {
      if (made.url === '') throw problems.ingressUnavailable(remedies[wanted.type])
      await keep({ ...wanted, id: made.ingressId, streamKey: made.streamKey, inLiveKit: true })
    } catch (error) {
      await engine.delete(made.ingressId).catch((fault) => {
        log.warn({ err: fault, ingressId: made.ingressId }, 'an endpoint that was refused stays in LiveKit')
      })
      throw error
    }
    return made
  }

  return {
    create: intake === 'livekit' ? create : ours.create,

    /** All of a room, ordered by id. */
    async list(room, origin) {
      const [others, rows] = await Promise.all([
        ours.list(room, origin),
        store.list({ room, inLiveKit: true }),
      ])
      const found = new Map(
        (rows.length > 0 ? await engine.list(room) : []).map((info) => [info.ingressId, info]),
      )
      return [...others, ...rows.map((row) => infoInLiveKit(row, found.get(row.id)))].sort((a, b) =>
        a.ingressId < b.ingressId ? -1 : 1,
      )
    },

    /** Who publishes is removed first: so the reason of its end is that, and not a goodbye of Ingress. */
    async remove(room, id) {
      const removed = await ours.remove(room, id)
      if (removed.inLiveKit) await removal.remove(id)
      return removed
    },
  }
}

const remedies = {
  rtmp: 'LiveKit has no address for streams of RTMP: set `ingress.rtmp_base_url` in its settings',
  whip: 'LiveKit has no address for streams of WHIP: set `ingress.whip_base_url` in its settings',
}
