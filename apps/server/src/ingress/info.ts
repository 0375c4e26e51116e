import type { IngressInfo } from '@rtcstack/contract'
import { toIngressInfo } from '../livekit/convert.ts'
import type { IngressRow } from './row.ts'

/** An endpoint as the API gives it: how it is reached, and what has been followed of its streams. */
export function ingressInfoOf(row: IngressRow, reach: { url: string; streamKey: string }): IngressInfo {
  const isPublishing = row.participantSid !== null && row.endedAt === null
  return toIngressInfo({
    ...row,
    ...reach,
    state: row.error !== '' ? 'error' : isPublishing ? 'publishing' : 'inactive',
    roomSid: row.roomSid ?? '',
    participantSid: row.participantSid ?? '',
  })
}
