import { listParticipants, muteParticipant, removeParticipant } from '@rtcstack/contract'
import { pageOf } from '../http/page.ts'
import { answer, type Route } from '../http/router.ts'
import { requirePermission } from '../tokens/permissions.ts'
import type { ParticipantService } from './service.ts'

export function registerParticipantRoutes(route: Route, participants: ParticipantService): void {
  route(listParticipants, async ({ params, query }) => {
    const { items, nextCursor } = pageOf(await participants.list(params.roomId), (one) => one.identity, query)
    return answer(200, { participants: items, nextCursor })
  })

  route(removeParticipant, async ({ params, query, caller }) => {
    requirePermission(caller, 'kick', params.roomId)
    const { banSeconds = '0' } = query
    await participants.kick(
      params.roomId,
      params.participantId,
      banSeconds === 'forever' ? Number.POSITIVE_INFINITY : Number(banSeconds),
    )
    return answer(204)
  })

  route(muteParticipant, async ({ params, body, caller }) => {
    requirePermission(caller, 'mute', params.roomId)
    await participants.mute(params.roomId, params.participantId, body.trackSid)
    return answer(204)
  })
}
