import type { IngressInfo } from '@rtcstack/contract'
import { ingressInfoOf } from '../info.ts'
import type { IngressRow } from '../row.ts'

const lost = 'LiveKit’s Ingress does not have this endpoint any more: delete it, and make another one'

/**
 * An endpoint as LiveKit has it. Which participant its stream is, and in which room, only the room tells, and so it does when
 * Ingress ended without a word.
 */
export function infoInLiveKit(row: IngressRow, found: IngressInfo | undefined): IngressInfo {
  if (!found) return ingressInfoOf({ ...row, error: lost }, { url: '', streamKey: '' })
  const followed = ingressInfoOf(row, found).state
  const { roomId, resourceId, tracks, status, endedAt } = followed
  const hasLeft = found.state.status === 'ENDPOINT_PUBLISHING' && row.endedAt !== null
  return {
    ...found,
    state: { ...found.state, roomId, resourceId, tracks, ...(hasLeft && { status, endedAt }) },
  }
}
