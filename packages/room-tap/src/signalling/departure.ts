import { DisconnectReason, type LeaveRequest, LeaveRequest_Action } from '@livekit/protocol'
import type { TapEnd } from '../listener.ts'

/** What to do when LiveKit has ended, or refused, a connection: end for good, or connect again. */
export type Departure = { next: 'end'; reason: TapEnd; detail: string } | { next: 'rejoin'; detail: string }

const finalReasons: Partial<Record<DisconnectReason, TapEnd>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: 'duplicate-identity',
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'room-closed',
  [DisconnectReason.ROOM_CLOSED]: 'room-closed',
}

/** What LiveKit's request to leave means. Whatever is not about this room or participant passes. */
export function onLeave({ reason, action }: Pick<LeaveRequest, 'reason' | 'action'>): Departure {
  const detail = DisconnectReason[reason] ?? `reason ${reason}`
  const final = action === LeaveRequest_Action.DISCONNECT ? finalReasons[reason] : undefined
  return final ? { next: 'end', reason: final, detail } : { next: 'rejoin', detail }
}

/** What a refused connection means; no status when LiveKit was not reached. */
export function onRefusal(detail: string, status: number | undefined): Departure {
  switch (status) {
    case 400:
    case 401:
    case 403:
      return { next: 'end', reason: 'failed', detail }
    // There is no such room, and LiveKit makes none for who comes.
    case 404:
      return { next: 'end', reason: 'room-closed', detail }
    default:
      return { next: 'rejoin', detail }
  }
}

const firstWaitMs = 100
const longestWaitMs = 5_000

/** How long to wait before a try, the first being 0, that follows on failures; random, so that many do not come at once. */
export const waitBeforeMs = (failures: number, random = Math.random()): number =>
  failures === 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1)) * (0.5 + random / 2)
