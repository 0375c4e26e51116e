import type { ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'
import type { DraftEvent } from '../events/draft.ts'
import { instantOf, type Observation, type ParticipantState, type SessionState } from './observation.ts'

/** What is known of the rooms and participants that observations are about. */
export interface Known {
  sessions: SessionState[]
  participants: ParticipantState[]
}

/** What follows: events in order, and every state that was looked at, as it is now. */
export interface Reduction extends Known {
  events: DraftEvent[]
}

/** The states while observations are applied to them. */
interface Working {
  sessions: Map<string, SessionState>
  participants: Map<string, ParticipantState>
  /** Sids that were looked at. */
  seen: Set<string>
  events: DraftEvent[]
}

/** When and how something came to light. */
interface Sight {
  at: Date
  /** Whether it was found by comparing. */
  synthetic: boolean
  /** The same of what only follows from it: that was lost on the way, unless we act before LiveKit can tell. */
  implied: boolean
}

/**
 * Makes events of observations. Everything is keyed by sid, so that a loss, a repetition or another order leads to the
 * same events: what an observation implies is added (who leaves has joined), and what is known already adds nothing.
 */
export function reduce(known: Known, observations: Observation[]): Reduction {
  const working: Working = {
    sessions: new Map(known.sessions.map((one) => [one.sid, { ...one }])),
    participants: new Map(known.participants.map((one) => [one.sid, { ...one }])),
    seen: new Set(),
    events: [],
  }
  for (const observation of observations) apply(working, observation)
  const { sessions, participants, seen, events } = working
  return {
    events,
    sessions: [...sessions.values()].filter(({ sid }) => seen.has(sid)),
    participants: [...participants.values()].filter(({ sid }) => seen.has(sid)),
  }
}

function apply(working: Working, observation: Observation): void {
  const { kind, at, origin, room } = observation
  const sight: Sight = { at, synthetic: origin === 'poll', implied: origin !== 'api' }
  const asImplied: Sight = { ...sight, synthetic: sight.implied }
  working.seen.add(room.sid)
  if ('participant' in observation) working.seen.add(observation.participant.sid)
  const session = sessionOf(working, room, kind === 'room-started' ? sight : asImplied)
  switch (kind) {
    case 'room-started':
      break
    case 'room-finished':
      finish(working, session, sight)
      break
    case 'participant-joined':
    case 'participant-left':
      if (observation.helper) markNobody(working, session, observation.participant)
      else meet(working, session, observation.participant, kind === 'participant-joined' ? sight : asImplied)
      if (kind === 'participant-left') leave(working, session, observation.participant, sight)
      break
    case 'participant-aborted':
      markNobody(working, session, observation.participant)
      break
    case 'track-published':
      hearOfTrack(working, session, observation.participant, observation.track, sight)
      break
  }
}

function sessionOf({ sessions, events }: Working, room: Room, { at, synthetic }: Sight): SessionState {
  const createdAt = instantOf(room.creationTimeMs)
  const found = sessions.get(room.sid)
  // TURN credentials are for who is in the call.
  const info = { ...room, turnPassword: '' }
  if (found) {
    // Rooms of track events have a name only.
    if (createdAt) found.info = info
    return found
  }
  const startedAt = createdAt ?? at
  const made = { sid: room.sid, room: room.name, info, startedAt, endedAt: null, present: 0, peak: 0 }
  sessions.set(made.sid, made)
  events.push(event('room_created', made.sid, made, { at: startedAt, synthetic }))
  return made
}

function finish(working: Working, session: SessionState, sight: Sight): void {
  if (session.endedAt) return
  const asImplied: Sight = { ...sight, synthetic: sight.implied }
  for (const participant of working.participants.values()) {
    if (participant.session !== session.sid) continue
    working.seen.add(participant.sid)
    if (participant.stage === 'unseen') meet(working, session, participant.info, asImplied)
    leave(working, session, participant.info, asImplied)
  }
  session.endedAt = sight.at
  working.events.push(event('room_closed', session.sid, session, sight))
}

/** The participant is there, or was. Whoever comes to light after the end has left. */
function meet(working: Working, session: SessionState, info: ParticipantInfo, sight: Sight): void {
  const found = working.participants.get(info.sid)
  if (found && found.stage !== 'unseen') return
  const joinedAt = instantOf(info.joinedAtMs) ?? sight.at
  const participant: ParticipantState = {
    ...(found ?? newcomer(session, info)),
    stage: 'present',
    info,
    joinedAt,
    waiting: [],
  }
  working.participants.set(info.sid, participant)
  session.present += 1
  session.peak = Math.max(session.peak, session.present)
  const { synthetic } = sight
  working.events.push(
    event('participant_joined', info.sid, session, { at: joinedAt, synthetic }, { participant: info }),
  )
  for (const track of found?.waiting ?? []) announce(working, session, participant, track, sight)
  if (session.endedAt) leave(working, session, info, { ...sight, synthetic: true })
}

function leave(
  { participants, events }: Working,
  session: SessionState,
  info: ParticipantInfo,
  sight: Sight,
): void {
  const participant = participants.get(info.sid)
  if (participant?.stage !== 'present') return
  const { at, synthetic } = sight
  const joinedAt = participant.joinedAt ?? at
  const leftAt = new Date(Math.max(at.getTime(), joinedAt.getTime()))
  participant.stage = 'left'
  participant.leftAt = leftAt
  session.present -= 1
  events.push(
    event(
      'participant_left',
      info.sid,
      session,
      { at: leftAt, synthetic },
      {
        participant: { ...participant.info, ...info, state: 'DISCONNECTED' },
        durationSeconds: Math.round((leftAt.getTime() - joinedAt.getTime()) / 1000),
      },
    ),
  )
}

/** One of our helpers, or who never came in: its tracks are not told of. */
function markNobody({ participants }: Working, session: SessionState, info: ParticipantInfo): void {
  const found = participants.get(info.sid)
  if (found && found.stage !== 'unseen') return
  participants.set(info.sid, { ...newcomer(session, info), stage: 'nobody' })
}

/** A track of somebody unknown waits: its event does not tell who that is, or whether it is a helper. */
function hearOfTrack(
  working: Working,
  session: SessionState,
  info: ParticipantInfo,
  track: TrackInfo,
  sight: Sight,
): void {
  const participant = working.participants.get(info.sid) ?? newcomer(session, info)
  working.participants.set(info.sid, participant)
  if (participant.stage === 'present' || participant.stage === 'left')
    announce(working, session, participant, track, sight)
  if (participant.stage !== 'unseen') return
  if (!participant.waiting.some(({ sid }) => sid === track.sid))
    participant.waiting = [...participant.waiting, track]
  if (session.endedAt) meet(working, session, info, { ...sight, synthetic: true })
}

function announce(
  { events }: Working,
  session: SessionState,
  participant: ParticipantState,
  track: TrackInfo,
  { at, synthetic }: Pick<Sight, 'at' | 'synthetic'>,
): void {
  if (participant.tracks.includes(track.sid)) return
  participant.tracks = [...participant.tracks, track.sid]
  const data = { participant: participant.info, track }
  events.push(event('track_published', track.sid, session, { at, synthetic }, data))
}

const newcomer = (session: SessionState, info: ParticipantInfo): ParticipantState => ({
  sid: info.sid,
  session: session.sid,
  stage: 'unseen',
  info,
  joinedAt: null,
  leftAt: null,
  tracks: [],
  waiting: [],
})

function event(
  type: DraftEvent['type'],
  about: string,
  session: SessionState,
  { at, synthetic }: Pick<Sight, 'at' | 'synthetic'>,
  data: object = {},
): DraftEvent {
  return {
    id: `${type}:${about}`,
    type,
    room: session.room,
    at,
    data: { room: session.info, ...data, ...(synthetic && { synthetic }) },
  }
}
