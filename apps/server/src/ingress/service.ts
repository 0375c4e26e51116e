import { randomBytes } from 'node:crypto'
import type { CreateIngressRequest, IngressInfo, IngressType } from '@rtcstack/contract'
import { problems } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import type { Sealing } from '../secrets/sealing.ts'
import { presenceOf } from '../sessions/observation.ts'
import type { SessionTracker } from '../sessions/tracker.ts'
import type { IngressCutting } from './cutting.ts'
import { ingressInfoOf } from './info.ts'
import type { KeepIngress } from './keeping.ts'
import type { IngressRow } from './row.ts'
import type { IngressStore } from './store.ts'
import { newStreamKey } from './stream-key.ts'
import { wantedIngress } from './wanted.ts'

interface IngressServiceOptions {
  store: Pick<IngressStore, 'list' | 'markDeleted' | 'hasRtmp'>
  keep: KeepIngress
  sealing: Pick<Sealing, 'open'>
  cutting: Pick<IngressCutting, 'cut'>
  livekit: Pick<LiveKit, 'listRooms'>
  sessions: Pick<SessionTracker, 'observe'>
  rtmpPort: number
}

/** Endpoints of a room that streams are published to. `origin` is where the caller reaches this server. */
export function createIngressService(options: IngressServiceOptions) {
  const { store, keep, sealing, cutting, livekit, sessions, rtmpPort } = options

  const show = (row: IngressRow, origin: string): IngressInfo =>
    ingressInfoOf(row, {
      url: urlOf(row.type, origin, rtmpPort),
      streamKey: sealing.open(row.id, row.sealedKey),
    })

  return {
    async create(room: string, request: CreateIngressRequest, origin: string): Promise<IngressInfo> {
      const wanted = wantedIngress(room, request)
      if (wanted.type === 'rtmp' && !(await store.hasRtmp()))
        throw problems.ingressUnavailable('This server takes no RTMP: use type "whip"')
      const id = `IN_${randomBytes(12).toString('base64url')}`
      return show(await keep({ ...wanted, id, streamKey: newStreamKey(), inLiveKit: false }), origin)
    },

    /** All of a room whose streams come to us, in no order. */
    list: async (room: string, origin: string): Promise<IngressInfo[]> =>
      (await store.list({ room, inLiveKit: false })).map((row) => show(row, origin)),

    /**
     * Refuses its key from now on, and cuts off who publishes; what follows from that is recorded before the answer. Gives
     * what it was.
     */
    async remove(room: string, id: string): Promise<IngressRow> {
      const removed = await store.markDeleted(room, id)
      if (!removed) throw problems.ingressNotFound()
      const [[info], streams] = await Promise.all([livekit.listRooms([room]), cutting.cut({ id, room })])
      const seen = { origin: 'api', at: new Date() } as const
      await sessions.observe(
        streams
          .filter(({ state }) => info && state === 'ACTIVE')
          .flatMap((stream) => {
            const participant = { ...stream, disconnectReason: 'PARTICIPANT_REMOVED' }
            const where = { ...seen, room: info as NonNullable<typeof info> }
            return [
              ...presenceOf(where, stream),
              { ...where, kind: 'participant-left', participant, helper: false },
            ]
          }),
      )
      return removed
    },
  }
}

export type IngressService = ReturnType<typeof createIngressService>

function urlOf(type: IngressType, origin: string, rtmpPort: number): string {
  return type === 'whip' ? `${origin}/whip` : `rtmp://${new URL(origin).hostname}:${rtmpPort}/live`
}
