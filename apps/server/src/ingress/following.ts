import type { EventData, IngressEndReason, ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'
import type { DraftEvent } from '../events/draft.ts'
import { type IngressRow, ingressOf } from './row.ts'

/** What an event of a participant tells. */
interface Told {
  room: Room
  participant: ParticipantInfo & { disconnectReason?: string }
  track?: TrackInfo
  synthetic?: true
}

/** Ids of the endpoints that events are about. */
export const ingressesIn = (happened: DraftEvent[]): string[] => [
  ...new Set(
    happened.flatMap(({ data }) => {
      const { participant } = data as Partial<Told>
      return (participant && ingressOf(participant)) ?? []
    }),
  ),
]

/**
 * What the events of rooms mean for the endpoints whose streams are participants: their new state, and all events with
 * those of streams right after their cause. Both kinds of intake are followed alike, and nothing is lost that rooms do not
 * lose; the ledger makes each event one.
 */
export function follow(
  known: IngressRow[],
  happened: DraftEvent[],
): { events: DraftEvent[]; changed: IngressRow[] } {
  const rows = new Map(known.map((row) => [row.id, { ...row }]))
  const changed = new Set<IngressRow>()
  const closed = new Set(
    happened.flatMap(({ type, data }) => (type === 'room_closed' ? (data as { room: Room }).room.sid : [])),
  )
  const events = happened.flatMap((event) => {
    const told = event.data as Told
    const row = rows.get((told.participant && ingressOf(told.participant)) ?? '')
    if (!row) return [event]
    changed.add(row)
    if (event.type === 'participant_joined') {
      begin(row, event.at, told)
      return [event, draft('ingress_started', row, event, told)]
    }
    if (event.type === 'track_published') publish(row, told)
    if (event.type !== 'participant_left') return [event]
    end(row, event.at, told)
    const reason = reasonOf(told, row, closed.has(told.room.sid))
    return [event, draft('ingress_stopped', row, event, told, { reason })]
  })
  return { events, changed: [...changed] }
}

function begin(row: IngressRow, at: Date, { room, participant }: Told): void {
  row.participantSid = participant.sid
  row.roomSid = room.sid
  row.startedAt = at
  row.endedAt = null
  row.tracks = []
  row.error = ''
}

function publish(row: IngressRow, { participant, track }: Told): void {
  if (track && row.participantSid === participant.sid && !row.tracks.some(({ sid }) => sid === track.sid))
    row.tracks = [...row.tracks, track]
}

/** The end of a stream may be told of after the beginning of the next one. */
function end(row: IngressRow, at: Date, { participant }: Told): void {
  if (row.participantSid === participant.sid) row.endedAt = at
}

function reasonOf(
  { participant: { disconnectReason } }: Told,
  { deletedAt }: IngressRow,
  isRoomClosed: boolean,
): IngressEndReason {
  switch (disconnectReason) {
    case 'CLIENT_INITIATED':
      return deletedAt ? 'deleted' : 'ended'
    case 'DUPLICATE_IDENTITY':
      return 'replaced'
    case 'PARTICIPANT_REMOVED':
      return deletedAt ? 'deleted' : 'kicked'
    case 'ROOM_DELETED':
    case 'ROOM_CLOSED':
      return 'room-closed'
    default:
      return isRoomClosed ? 'room-closed' : 'lost'
  }
}

const draft = <T extends 'ingress_started' | 'ingress_stopped'>(
  type: T,
  row: IngressRow,
  { at, room }: DraftEvent,
  { participant, synthetic }: Told,
  rest: { reason?: IngressEndReason } = {},
): DraftEvent => ({
  id: `${type}:${participant.sid}`,
  type,
  room,
  at,
  data: {
    ingressId: row.id,
    roomId: room,
    inputType: row.type === 'whip' ? 'WHIP_INPUT' : 'RTMP_INPUT',
    participantIdentity: row.identity,
    participantName: row.name,
    ...rest,
    ...(synthetic && { synthetic }),
  } as EventData<T>,
})
