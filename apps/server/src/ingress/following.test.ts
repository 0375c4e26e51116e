import type { ParticipantInfo } from '@rtcstack/contract'
import { expect, test } from 'vitest'
import type { Observation } from '../sessions/observation.ts'
import { type Known, reduce } from '../sessions/reducer.ts'
import { participantOf, roomOf, trackOf } from '../sessions/testing.ts'
import { follow, ingressesIn } from './following.ts'
import { type IngressRow, ingressAttribute, liveKitIngressAttribute } from './row.ts'
import { ingressRowOf } from './testing.ts'

const at = new Date('2026-01-01T12:00:00.000Z')
const later = new Date('2026-01-01T12:00:10.000Z')
const room = roomOf('RM_1', at.getTime())

const endpoint = ingressRowOf({ room: room.name, error: 'a fault of before', updatedAt: at })

const stream = (sid: string): ParticipantInfo => ({
  ...participantOf(sid, at.getTime()),
  kind: 'INGRESS',
  attributes: { [ingressAttribute]: 'IN_1' },
})
const seen = (when: Date) => ({ at: when, origin: 'livekit', room }) as const
const joined = (sid: string): Observation => ({
  ...seen(at),
  kind: 'participant-joined',
  participant: stream(sid),
  helper: false,
})
const left = (sid: string, disconnectReason = 'UNKNOWN_REASON'): Observation => ({
  ...seen(later),
  kind: 'participant-left',
  participant: { ...stream(sid), disconnectReason } as ParticipantInfo,
  helper: false,
})

/** The endpoint, and what is told of it, after each of some batches of observations. */
function after(row: IngressRow, ...batches: Observation[][]) {
  let known: Known = { sessions: [], participants: [] }
  let ingress = row
  const told = batches.flatMap((observations) => {
    const { events: happened, ...states } = reduce(known, observations)
    known = {
      sessions: merged(known.sessions, states.sessions),
      participants: merged(known.participants, states.participants),
    }
    const { events, changed } = follow([ingress], happened)
    ingress = changed[0] ?? ingress
    return events.filter(({ type }) => type.startsWith('ingress_'))
  })
  return { ingress, told: told.map(({ id, data }) => [id, (data as { reason?: string }).reason]) }
}

const merged = <T extends { sid: string }>(before: T[], now: T[]): T[] => [
  ...new Map([...before, ...now].map((one) => [one.sid, one])).values(),
]

test('a stream begins with its participant, and its tracks are those of the endpoint', () => {
  const track = trackOf('TR_1')
  const published: Observation = { ...seen(at), kind: 'track-published', participant: stream('PA_1'), track }
  const { ingress, told } = after(endpoint, [joined('PA_1')], [published], [published])
  expect(told).toEqual([['ingress_started:PA_1', undefined]])
  expect(ingress).toMatchObject({
    participantSid: 'PA_1',
    roomSid: 'RM_1',
    startedAt: at,
    endedAt: null,
    tracks: [track],
    error: '',
  })
})

test.each([
  ['CLIENT_INITIATED', 'ended'],
  ['DUPLICATE_IDENTITY', 'replaced'],
  ['PARTICIPANT_REMOVED', 'kicked'],
  ['ROOM_DELETED', 'room-closed'],
  ['ROOM_CLOSED', 'room-closed'],
  ['CONNECTION_TIMEOUT', 'lost'],
  ['UNKNOWN_REASON', 'lost'],
])('who leaves by %s has stopped because of %s', (disconnectReason, reason) => {
  const { ingress, told } = after(endpoint, [joined('PA_1')], [left('PA_1', disconnectReason)])
  expect(told.at(-1)).toEqual(['ingress_stopped:PA_1', reason])
  expect(ingress.endedAt).toEqual(later)
})

test.each([
  ['is removed', 'PARTICIPANT_REMOVED'],
  ['is told to leave by LiveKit’s Ingress', 'CLIENT_INITIATED'],
])('who %s since the endpoint was deleted has stopped because of that', (_, disconnectReason) => {
  const deleted = { ...endpoint, deletedAt: later }
  expect(after(deleted, [joined('PA_1')], [left('PA_1', disconnectReason)]).told.at(-1)).toEqual([
    'ingress_stopped:PA_1',
    'deleted',
  ])
})

test('a stream that LiveKit’s Ingress takes is followed by the attribute that it puts on its participant', () => {
  const participant = { ...stream('PA_1'), attributes: { [liveKitIngressAttribute]: 'IN_1' } }
  const { ingress, told } = after({ ...endpoint, inLiveKit: true }, [
    { ...seen(at), kind: 'participant-joined', participant, helper: false },
  ])
  expect(told).toEqual([['ingress_started:PA_1', undefined]])
  expect(ingress.participantSid).toBe('PA_1')
})

test('the close of a room stops the stream in it, before the room is told to be closed', () => {
  const { events } = reduce({ sessions: [], participants: [] }, [
    joined('PA_1'),
    { ...seen(later), kind: 'room-finished' },
  ])
  const types = follow([endpoint], events).events.map(({ type }) => type)
  expect(types).toEqual([
    'room_created',
    'participant_joined',
    'ingress_started',
    'participant_left',
    'ingress_stopped',
    'room_closed',
  ])
  expect(follow([endpoint], events).events[4]?.data).toMatchObject({ reason: 'room-closed' })
})

test('the end of a stream that another took the place of does not end the other', () => {
  const { ingress, told } = after(
    endpoint,
    [joined('PA_1')],
    [joined('PA_2')],
    [left('PA_1', 'DUPLICATE_IDENTITY')],
  )
  expect(told).toHaveLength(3)
  expect(ingress).toMatchObject({ participantSid: 'PA_2', endedAt: null })
})

test('an end without a beginning tells of both, since the beginning was lost', () => {
  expect(after(endpoint, [left('PA_1', 'CLIENT_INITIATED')]).told).toEqual([
    ['ingress_started:PA_1', undefined],
    ['ingress_stopped:PA_1', 'ended'],
  ])
})

test('who only bears the attribute of an endpoint is not its stream', () => {
  const somebody = { ...stream('PA_1'), kind: 'STANDARD' }
  const { events } = reduce({ sessions: [], participants: [] }, [
    { ...seen(at), kind: 'participant-joined', participant: somebody, helper: false },
  ])
  expect(ingressesIn(events)).toEqual([])
  expect(follow([endpoint], events)).toEqual({ events, changed: [] })
})
