import { eventTypes, type LedgerEvent } from '@rtcstack/sdk'

const typeWidth = Math.max(...eventTypes.map((type) => type.length))
const roomWidth = 20

/** An event in one line: when, what, where, and who or what it is about. */
export const lineOf = (event: LedgerEvent): string =>
  `${event.timestamp}  ${event.type.padEnd(typeWidth)}  ${event.roomId.padEnd(roomWidth)}  ${subjectOf(event)}`.trimEnd()

/** Who or what an event is about. */
export function subjectOf(event: LedgerEvent): string {
  switch (event.type) {
    case 'room_created':
    case 'room_closed':
      return event.data.room.sid
    case 'participant_joined':
      return nameOf(event.data.participant)
    case 'participant_left': {
      const { participant, durationSeconds } = event.data
      return `${nameOf(participant)}${durationSeconds === undefined ? '' : ` after ${durationSeconds} s`}`
    }
    case 'track_published':
      return `${nameOf(event.data.participant)}: ${event.data.track.source.toLowerCase()} ${event.data.track.sid}`
    case 'recording_started':
    case 'recording_stopped':
      return `${event.data.egressId} ${event.data.status}`
    case 'ingress_started':
    case 'ingress_stopped':
      return `${event.data.ingressId} ${event.data.inputType} of ${event.data.participantIdentity}`
    case 'transcription_completed':
      return `${event.data.transcriptionId} ${event.data.status}`
    default:
      // A newer server may have types that this program does not know.
      return ''
  }
}

const nameOf = ({ identity, name }: { identity: string; name: string }) =>
  name === '' || name === identity ? identity : `${identity} (${name})`
