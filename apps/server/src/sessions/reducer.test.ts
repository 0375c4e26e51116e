import { expect, test } from 'vitest'
import type { Observation } from './observation.ts'
import { type Known, reduce } from './reducer.ts'
import { bareParticipant, bareRoom, participantOf, roomOf, trackOf } from './testing.ts'

const nothing: Known = { sessions: [], participants: [] }
const start = Date.parse('2026-01-01T12:00:00Z')
const room = roomOf('RM_1', start)
const ada = participantOf('PA_ada', start + 1000)
const track = trackOf('TR_1')
const from = (origin: Observation['origin'], seconds: number) => ({
  at: new Date(start + seconds * 1000),
  origin,
})
const seen = (seconds: number) => ({ ...from('livekit', seconds), room })

const started: Observation = { ...seen(0), kind: 'room-started' }
const joined: Observation = { ...seen(2), kind: 'participant-joined', participant: ada, helper: false }
const published: Observation = {
  ...seen(3),
  room: bareRoom(room),
  kind: 'track-published',
  participant: bareParticipant(ada),
  track,
}
const left: Observation = { ...seen(61), kind: 'participant-left', participant: ada, helper: false }
const finished: Observation = { ...seen(80), kind: 'room-finished' }

/** Ids of the events, those that were found out marked with a star. */
const told = (observations: Observation[], known = nothing) =>
  reduce(known, observations).events.map(({ id, data }) => ('synthetic' in data ? `${id}*` : id))

const wholeCall = [
  'room_created:RM_1',
  'participant_joined:PA_ada',
  'track_published:TR_1',
  'participant_left:PA_ada',
  'room_closed:RM_1',
]

test('a call makes each of its events, in order', () => {
  expect(told([started, joined, published, left, finished])).toEqual(wholeCall)
})

test('the same events again make nothing, within a batch and over many', () => {
  const once = reduce(nothing, [started, joined, published, left, finished])
  expect(told([started, joined, published, left, finished], once)).toEqual([])
  expect(told([started, started, joined, joined, published, published])).toEqual(wholeCall.slice(0, 3))
})

test('what was lost is made of what came, and says so', () => {
  expect(told([left])).toEqual([
    'room_created:RM_1*',
    'participant_joined:PA_ada*',
    'participant_left:PA_ada',
  ])
  expect(told([joined, finished])).toEqual([
    'room_created:RM_1*',
    'participant_joined:PA_ada',
    'participant_left:PA_ada*',
    'room_closed:RM_1',
  ])
})

test('a track waits for the join of its owner, and comes to light at the end at the latest', () => {
  expect(told([started, published])).toEqual(['room_created:RM_1'])
  expect(told([started, published, joined])).toEqual(wholeCall.slice(0, 3))
  expect(told([started, published, finished])).toEqual([
    'room_created:RM_1',
    'participant_joined:PA_ada*',
    'track_published:TR_1*',
    'participant_left:PA_ada*',
    'room_closed:RM_1',
  ])
})

test('a join that is heard of after the end is a stay that is over', () => {
  expect(told([started, finished, joined])).toEqual([
    'room_created:RM_1',
    'room_closed:RM_1',
    'participant_joined:PA_ada',
    'participant_left:PA_ada*',
  ])
})

test('who left does not come back under the same sid', () => {
  expect(told([started, left, joined]).filter((id) => id.includes('joined'))).toEqual([
    'participant_joined:PA_ada*',
  ])
})

test('who comes back before the leave is told is another stay', () => {
  const again = { ...joined, participant: participantOf('PA_ada2', start + 50_000) }
  expect(told([started, joined, again, left]).slice(1)).toEqual([
    'participant_joined:PA_ada',
    'participant_joined:PA_ada2',
    'participant_left:PA_ada',
  ])
})

test('helpers are nobody: not when they come, publish or go', () => {
  expect(
    told([started, { ...joined, helper: true }, published, { ...left, helper: true }, finished]),
  ).toEqual(['room_created:RM_1', 'room_closed:RM_1'])
})

test('a helper that leaves unseen stays unseen, and so do the tracks that waited for it', () => {
  expect(told([started, published, { ...left, helper: true }, finished])).toEqual([
    'room_created:RM_1',
    'room_closed:RM_1',
  ])
})

test('a join that never became one is none', () => {
  expect(told([started, { ...seen(2), kind: 'participant-aborted', participant: ada }])).toEqual([
    'room_created:RM_1',
  ])
})

test('the tracks of a join that never became one are nobody’s', () => {
  const aborted: Observation = { ...seen(4), kind: 'participant-aborted', participant: ada }
  expect(told([started, published, aborted, finished])).toEqual(['room_created:RM_1', 'room_closed:RM_1'])
})

test('what we do ourselves is not found out, it is known', () => {
  const own = { ...from('api', 5), room }
  expect(told([started, joined, { ...own, kind: 'room-finished' }])).toEqual([
    'room_created:RM_1',
    'participant_joined:PA_ada',
    'participant_left:PA_ada',
    'room_closed:RM_1',
  ])
})

test('the state counts who is there and who was at once, and keeps how long each stayed', () => {
  const bob = { ...joined, participant: participantOf('PA_bob', start + 3000) }
  const { sessions, participants, events } = reduce(nothing, [started, joined, bob, left])
  expect(sessions[0]).toMatchObject({ present: 1, peak: 2, endedAt: null })
  expect(participants.find(({ sid }) => sid === 'PA_ada')).toMatchObject({
    stage: 'left',
    joinedAt: new Date(start + 1000),
    leftAt: new Date(start + 61_000),
  })
  expect(events.at(-1)?.data).toMatchObject({ durationSeconds: 60, participant: { state: 'DISCONNECTED' } })
})

test('events carry the room as last seen whole, without its TURN password', () => {
  const data = reduce(nothing, [started, joined, published]).events.at(-1)?.data
  expect(data).toMatchObject({
    room: { creationTimeMs: String(start), turnPassword: '' },
    participant: { name: 'Name of PA_ada' },
    track: { sid: 'TR_1' },
  })
})

test('the times of a stay are those of LiveKit, whoever told of it', () => {
  const polled: Observation = { ...joined, ...from('poll', 9) }
  const [, webhook] = reduce(nothing, [started, joined]).events
  const [, poll] = reduce(nothing, [started, polled]).events
  expect(webhook?.at).toEqual(poll?.at)
})
