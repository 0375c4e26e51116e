import { randomBytes } from 'node:crypto'
import type { CreateIngressRequest, IngressInfo, IngressType } from '@rtcstack/contract'
import { problems } from '../http/problem.ts'
import type { LiveKit } from '../livekit/client.ts'
import { toIngressInfo } from '../livekit/convert.ts'
import type { Sealing } from '../secrets/sealing.ts'
import { presenceOf } from '../sessions/observation.ts'
import type { SessionTracker } from '../sessions/tracker.ts'
import type { IngressCutting } from './cutting.ts'
import type { IngressRow } from './row.ts'
import type { IngressStore } from './store.ts'
import { digestOf, newStreamKey } from './stream-key.ts'

interface IngressServiceOptions {
  store: Pick<IngressStore, 'list' | 'insert' | 'markDeleted' | 'hasRtmp'>
  sealing: Pick<Sealing, 'seal' | 'open'>
  cutting: Pick<IngressCutting, 'cut'>
  livekit: Pick<LiveKit, 'listRooms'>
  sessions: Pick<SessionTracker, 'observe'>
  limits: { total: number; perRoom: number }
  rtmpPort: number
}

/** Endpoints of a room that streams are published to. `origin` is where the caller reaches this server. */
export function createIngressService(options: IngressServiceOptions) {
  const { store, sealing, cutting, livekit, sessions, limits, rtmpPort } = options

  function show(row: IngressRow, origin: string): IngressInfo {
    const isPublishing = row.participantSid !== null && row.endedAt === null
    return toIngressInfo({
      ...row,
      url: urlOf(row.type, origin, rtmpPort),
      streamKey: sealing.open(row.id, row.sealedKey),
      state: row.error !== '' ? 'error' : isPublishing ? 'publishing' : 'inactive',
      roomSid: row.roomSid ?? '',
      participantSid: row.participantSid ?? '',
    })
  }

  return {
    async create(room: string, request: CreateIngressRequest, origin: string): Promise<IngressInfo> {
      const {
        type = 'rtmp',
        participantName = 'Ingress Stream',
        participantIdentity = `ingress-${randomBytes(6).toString('hex')}`,
      } = request
      if (type === 'rtmp' && !(await store.hasRtmp()))
        throw problems.ingressUnavailable('This server takes no RTMP: use type "whip"')
      const id = `IN_${randomBytes(12).toString('base64url')}`
      const streamKey = newStreamKey()
      const row = await store.insert(
        {
          id,
          room,
          type: type as IngressType,
          identity: participantIdentity,
          name: participantName,
          keyDigest: digestOf(streamKey),
          sealedKey: sealing.seal(id, streamKey),
        },
        limits,
      )
      if (typeof row === 'string') throw problems.conflict(refusals[row])
      return show(row, origin)
    },

    /** All of a room, ordered by id. */
    list: async (room: string, origin: string): Promise<IngressInfo[]> =>
      (await store.list(room)).map((row) => show(row, origin)),

    /** Refuses its key from now on, and cuts off who publishes; what follows from that is recorded before the answer. */
    async remove(room: string, id: string): Promise<void> {
      if (!(await store.markDeleted(room, id))) throw problems.ingressNotFound()
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
    },
  }
}

export type IngressService = ReturnType<typeof createIngressService>

const refusals = {
  'identity-taken': 'The room has an endpoint with this participantIdentity already',
  'room-full':
    'The room has as many endpoints as INGRESS_MAX_PER_ROOM allows: delete those that are not used',
  full: 'There are as many endpoints as INGRESS_MAX allows: delete those that are not used',
}

function urlOf(type: IngressType, origin: string, rtmpPort: number): string {
  return type === 'whip' ? `${origin}/whip` : `rtmp://${new URL(origin).hostname}:${rtmpPort}/live`
}
