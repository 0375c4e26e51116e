import type { ParticipantInfo, Room } from '@rtcstack/contract'
import { type Observation, type ParticipantState, presenceOf, type SessionState } from './observation.ts'
import type { Seen } from './store.ts'

/** What LiveKit says there is. */
export interface Poll {
  /** When the asking began, by the database's clock. */
  begunAt: Date
  rooms: Room[]
  /** Who is there by the sid of the room, of those rooms that were asked for. */
  participants: Map<string, { participant: ParticipantInfo; helper: boolean }[]>
}

/** What the ledger says there is: sessions that are open, or in the poll; participants likewise. */
export interface Recorded {
  sessions: Seen<SessionState>[]
  participants: Seen<ParticipantState>[]
}

/** Somebody who was heard of so shortly before may have left LiveKit's list or not have come into it yet. */
const graceMs = 5000

/** What is younger may be told of by LiveKit or by our own act yet; it is not lost, and waits for the next comparison. */
const youthMs = 2000

/** What must have happened for the ledger to be as LiveKit is: nothing where they agree. */
export function compare(recorded: Recorded, poll: Poll): Observation[] {
  const { begunAt } = poll
  const sessions = new Map(recorded.sessions.map((one) => [one.sid, one]))
  const participants = new Map(recorded.participants.map((one) => [one.sid, one]))
  const alive = new Set(poll.rooms.map(({ sid }) => sid))
  const isSettled = ({ seenAt }: { seenAt: Date }) => seenAt.getTime() + graceMs < begunAt.getTime()
  // LiveKit's clock may be ahead of the database's.
  const isYoung = (milliseconds: string) => Math.abs(begunAt.getTime() - Number(milliseconds)) < youthMs
  const seen = (room: Room) => ({ at: begunAt, origin: 'poll', room }) as const

  const closed = recorded.sessions
    .filter((session) => !session.endedAt && !alive.has(session.sid) && isSettled(session))
    .map((session): Observation => ({ ...seen(session.info), kind: 'room-finished' }))

  const inRooms = poll.rooms.flatMap((room): Observation[] => {
    const session = sessions.get(room.sid)
    if (session?.endedAt) return []
    if (!session && isYoung(room.creationTimeMs)) return []
    const started: Observation[] = session ? [] : [{ ...seen(room), kind: 'room-started' }]
    const there = poll.participants.get(room.sid)
    if (!there) return started
    const sids = new Set(there.map(({ participant }) => participant.sid))
    const gone = recorded.participants
      .filter(
        (one) =>
          one.session === room.sid &&
          (one.stage === 'present' || one.stage === 'unseen') &&
          !sids.has(one.sid) &&
          isSettled(one),
      )
      .map(
        ({ info }): Observation => ({
          ...seen(room),
          kind: 'participant-left',
          participant: info,
          helper: false,
        }),
      )
    const come = there
      .filter(({ participant: { state, joinedAtMs } }) => state === 'ACTIVE' && !isYoung(joinedAtMs))
      .flatMap(({ participant, helper }) => {
        const known = participants.get(participant.sid)
        return helper ? helperOf(seen(room), participant, known) : arrival(seen(room), participant, known)
      })
    return [...started, ...gone, ...come]
  })

  return [...closed, ...inRooms]
}

function arrival(
  seen: { at: Date; origin: 'poll'; room: Room },
  participant: ParticipantInfo,
  known: ParticipantState | undefined,
): Observation[] {
  if (known && (known.stage === 'left' || known.stage === 'nobody')) return []
  return presenceOf(seen, participant).filter((one) =>
    one.kind === 'track-published' ? !known?.tracks.includes(one.track.sid) : known?.stage !== 'present',
  )
}

/** Told only where its tracks were heard of, which must not be taken for somebody's. */
const helperOf = (
  seen: { at: Date; origin: 'poll'; room: Room },
  participant: ParticipantInfo,
  known: ParticipantState | undefined,
): Observation[] =>
  known?.stage === 'unseen' ? [{ ...seen, kind: 'participant-joined', participant, helper: true }] : []
