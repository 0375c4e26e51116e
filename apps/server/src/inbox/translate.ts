import { ParticipantInfo, type WebhookEvent } from '@livekit/protocol'
import { isHelper, toParticipant, toRoom, toTrack } from '../livekit/convert.ts'
import type { Observation } from '../sessions/observation.ts'

/** LiveKit gives the time of an event in whole seconds: a webhook that came at once is more exact itself. */
const promptMs = 1500

/** What a webhook of LiveKit tells us; undefined for what we make nothing of. */
export function toObservation(event: WebhookEvent, receivedAt: Date): Observation | undefined {
  if (!event.room?.sid) return undefined
  const seen = { at: timeOf(event, receivedAt), origin: 'livekit', room: toRoom(event.room) } as const
  const whoever = event.participant ?? new ParticipantInfo()
  const participant = toParticipant(whoever)
  switch (event.event) {
    case 'room_started':
      return { ...seen, kind: 'room-started' }
    case 'room_finished':
      return { ...seen, kind: 'room-finished' }
    case 'participant_joined':
    case 'participant_left': {
      const kind = event.event === 'participant_joined' ? 'participant-joined' : 'participant-left'
      return participant.sid ? { ...seen, kind, participant, helper: isHelper(whoever) } : undefined
    }
    case 'participant_connection_aborted':
      return participant.sid ? { ...seen, kind: 'participant-aborted', participant } : undefined
    case 'track_published':
      return participant.sid && event.track?.sid
        ? { ...seen, kind: 'track-published', participant, track: toTrack(event.track) }
        : undefined
    default:
      return undefined
  }
}

function timeOf(event: WebhookEvent, receivedAt: Date): Date {
  const saidMs = Number(event.createdAt) * 1000
  const sinceMs = receivedAt.getTime() - saidMs
  return saidMs === 0 || (sinceMs >= 0 && sinceMs < promptMs) ? receivedAt : new Date(saidMs)
}
