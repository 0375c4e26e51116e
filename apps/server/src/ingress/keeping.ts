import { problems } from '../http/problem.ts'
import type { Sealing } from '../secrets/sealing.ts'
import type { IngressRow } from './row.ts'
import type { IngressStore } from './store.ts'
import { digestOf } from './stream-key.ts'
import type { WantedIngress } from './wanted.ts'

interface KeepingOptions {
  store: Pick<IngressStore, 'insert'>
  sealing: Pick<Sealing, 'seal'>
  limits: { total: number; perRoom: number }
}

/** An endpoint that was made, by us or by LiveKit. */
interface MadeIngress extends WantedIngress {
  id: string
  streamKey: string
  inLiveKit: boolean
}

/** Keeps an endpoint with its key sealed; throws `conflict` where there are as many as there may be, or one has its identity. */
export function createIngressKeeping({ store, sealing, limits }: KeepingOptions) {
  return async ({ streamKey, ...made }: MadeIngress): Promise<IngressRow> => {
    const row = await store.insert(
      { ...made, keyDigest: digestOf(streamKey), sealedKey: sealing.seal(made.id, streamKey) },
      limits,
    )
    if (typeof row === 'string') throw problems.conflict(refusals[row])
    return row
  }
}

export type KeepIngress = ReturnType<typeof createIngressKeeping>

const refusals = {
  'identity-taken': 'The room has an endpoint with this participantIdentity already',
  'room-full':
    'The room has as many endpoints as INGRESS_MAX_PER_ROOM allows: delete those that are not used',
  full: 'There are as many endpoints as INGRESS_MAX allows: delete those that are not used',
}
