import type { ParticipantInfo, Room } from '@rtcstack/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DraftEvent } from '../events/draft.ts'
import { compare, type Poll } from './compare.ts'
import type { Observation } from './observation.ts'
import { reduce } from './reducer.ts'
import type { Seen } from './store.ts'
import { bareParticipant, bareRoom, participantOf, roomOf, trackOf } from './testing.ts'

const runs = Number(process.env.REDUCER_RUNS ?? 20_000)
const start = Date.parse('2026-01-01T12:00:00Z')
const maxAwayMs = 60_000

/** Something that happens in LiveKit, and what becomes of the webhook that tells of it. */
interface Step {
  action: 'join' | 'publish' | 'leave' | 'finish' | 'helper'
  room: number
  who: number
  /** Milliseconds since the step before. */
  afterMs: number
  lost: boolean
  copies: number
  /** How long it takes to arrive: less than the next ones may. */
  delayMs: number
  /** Whether the ledger is compared with LiveKit now. */
  poll: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom('join', 'join', 'join', 'publish', 'publish', 'leave', 'leave', 'finish', 'helper'),
  room: fc.nat(1),
  who: fc.nat(3),
  afterMs: fc.integer({ min: 1, max: 4000 }),
  lost: fc.boolean(),
  copies: fc.integer({ min: 1, max: 2 }),
  delayMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 6000 })),
  poll: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
})

interface LiveRoom {
  room: Room
  there: Map<number, ParticipantInfo>
}

/** LiveKit as it is: what happens changes it, and is told in webhooks. */
function createTruth() {
  const live = new Map<number, LiveRoom>()
  const joined = new Set<string>()
  const left = new Set<string>()
  const rooms = new Set<string>()
  const closed = new Set<string>()
  let count = 0

  function happen({ action, room: number, who }: Step, nowMs: number): Observation[] {
    const seen = (room: Room) => ({ at: new Date(nowMs), origin: 'livekit', room }) as const
    const found = live.get(number)
    if (!found) {
      if (action !== 'join') return []
      const room = roomOf(`RM_${++count}`, nowMs, `room ${number}`)
      live.set(number, { room, there: new Map() })
      rooms.add(room.sid)
      return [
        { ...seen(room), kind: 'room-started' },
        ...happen({ action, room: number, who } as Step, nowMs),
      ]
    }
    const { room, there } = found
    const participant = there.get(who)
    if (action === 'helper') {
      const helper = participantOf(`PA_helper${++count}`, nowMs)
      return [{ ...seen(room), kind: 'participant-joined', participant: helper, helper: true }]
    }
    if (action === 'finish') {
      const goodbyes = [...there.keys()].flatMap((one) =>
        happen({ action: 'leave', room: number, who: one } as Step, nowMs),
      )
      live.delete(number)
      closed.add(room.sid)
      return [...goodbyes, { ...seen(room), kind: 'room-finished' }]
    }
    if (action === 'join') {
      if (participant) return []
      const newcomer = participantOf(`PA_${++count}`, nowMs)
      there.set(who, newcomer)
      joined.add(newcomer.sid)
      return [{ ...seen(room), kind: 'participant-joined', participant: newcomer, helper: false }]
    }
    if (!participant) return []
    if (action === 'leave') {
      there.delete(who)
      left.add(participant.sid)
      return [{ ...seen(room), kind: 'participant-left', participant, helper: false }]
    }
    const track = trackOf(`TR_${++count}`)
    there.set(who, { ...participant, tracks: [...participant.tracks, track] })
    const whose = bareParticipant(participant)
    return [{ ...seen(bareRoom(room)), kind: 'track-published', participant: whose, track }]
  }

  const poll = (nowMs: number): Poll => ({
    begunAt: new Date(nowMs),
    rooms: [...live.values()].map(({ room }) => room),
    participants: new Map(
      [...live.values()].map(({ room, there }) => [room.sid, [...there.values()].map(listed)]),
    ),
  })

  return { happen, poll, live, joined, left, rooms, closed }
}

const listed = (participant: ParticipantInfo) => ({ participant, helper: false })

/** The ledger in memory: states by sid, and every event. */
function createLedgerModel() {
  const sessions = new Map<string, Seen<Parameters<typeof reduce>[0]['sessions'][number]>>()
  const participants = new Map<string, Seen<Parameters<typeof reduce>[0]['participants'][number]>>()
  const events: DraftEvent[] = []

  function observe(observations: Observation[], nowMs: number): void {
    const known = { sessions: [...sessions.values()], participants: [...participants.values()] }
    const reduction = reduce(known, observations)
    const seenAt = new Date(nowMs)
    for (const one of reduction.sessions) sessions.set(one.sid, { ...one, seenAt })
    for (const one of reduction.participants) participants.set(one.sid, { ...one, seenAt })
    events.push(...reduction.events)
  }

  const reconcile = (poll: Poll) => {
    const recorded = { sessions: [...sessions.values()], participants: [...participants.values()] }
    observe(compare(recorded, poll), poll.begunAt.getTime())
  }
  return { observe, reconcile, events, sessions, participants }
}

/** Lives a history, with its losses, repetitions and delays, and compares at the end as after a gap. */
function live(steps: Step[]) {
  const truth = createTruth()
  const ledger = createLedgerModel()
  let arriving: { atMs: number; observation: Observation }[] = []
  let nowMs = start

  function arriveUntil(untilMs: number): void {
    const due = arriving.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)
    arriving = arriving.filter(({ atMs }) => atMs > untilMs)
    for (const { atMs, observation } of due) ledger.observe([observation], atMs)
  }

  for (const one of steps) {
    nowMs += one.afterMs
    arriveUntil(nowMs)
    if (one.poll) ledger.reconcile(truth.poll(nowMs))
    const told = truth.happen(one, nowMs)
    if (one.lost) continue
    for (const observation of told)
      for (let copy = 0; copy < one.copies; copy++)
        arriving.push({ atMs: nowMs + one.delayMs + copy * 700, observation })
  }
  arriveUntil(nowMs + maxAwayMs)
  for (const laterMs of [maxAwayMs, maxAwayMs + 10_000]) ledger.reconcile(truth.poll(nowMs + laterMs))
  return { truth, ledger }
}

const about = (events: DraftEvent[], type: DraftEvent['type']) =>
  events.filter((event) => event.type === type).map(({ id }) => id.slice(type.length + 1))

test(`${runs} histories of losses, repetitions and other orders end as LiveKit is, each event once`, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const { truth, ledger } = live(steps)
      const { events } = ledger
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)

      const created = about(events, 'room_created')
      const closed = about(events, 'room_closed')
      for (const sid of created) expect(truth.rooms).toContain(sid)
      expect(new Set(closed)).toEqual(new Set(created.filter((sid) => truth.closed.has(sid))))
      for (const { room } of truth.live.values()) expect(created).toContain(room.sid)

      const joins = about(events, 'participant_joined')
      const leaves = about(events, 'participant_left')
      for (const sid of joins) expect(truth.joined).toContain(sid)
      expect(new Set(leaves)).toEqual(new Set(joins.filter((sid) => truth.left.has(sid))))

      for (const { room, there } of truth.live.values()) {
        const present = [...ledger.participants.values()].filter(
          ({ session, stage }) => session === room.sid && stage === 'present',
        )
        expect(new Set(present.map(({ sid }) => sid))).toEqual(
          new Set([...there.values()].map(({ sid }) => sid)),
        )
        expect(ledger.sessions.get(room.sid)?.present).toBe(there.size)
        const tracks = [...there.values()].flatMap((one) => one.tracks.map(({ sid }) => sid))
        expect(about(events, 'track_published')).toEqual(expect.arrayContaining(tracks))
      }
    }),
    { numRuns: runs },
  )
}, 120_000)

test('a leave is not declared by a list that was asked for within five seconds of the last sign', () => {
  const { ledger, room } = callOfOne()
  ledger.reconcile({
    begunAt: new Date(start + 4900),
    rooms: [room],
    participants: new Map([[room.sid, []]]),
  })
  expect(about(ledger.events, 'participant_left')).toEqual([])
  ledger.reconcile({
    begunAt: new Date(start + 5100),
    rooms: [room],
    participants: new Map([[room.sid, []]]),
  })
  expect(about(ledger.events, 'participant_left')).toEqual(['PA_1'])
})

test('a room whose participants were not asked for is left as it is', () => {
  const { ledger, room } = callOfOne()
  ledger.reconcile({ begunAt: new Date(start + 60_000), rooms: [room], participants: new Map() })
  expect(about(ledger.events, 'participant_left')).toEqual([])
})

test('who is still joining has not joined', () => {
  const { ledger, room } = callOfOne()
  const joining = { ...participantOf('PA_2', start), state: 'JOINED' }
  const there = new Map([[room.sid, [participantOf('PA_1', start), joining].map(listed)]])
  ledger.reconcile({ begunAt: new Date(start + 60_000), rooms: [room], participants: there })
  expect(about(ledger.events, 'participant_joined')).toEqual(['PA_1'])
})

test('a room is found though LiveKit’s clock is ahead', () => {
  const { ledger } = callOfOne()
  const room = roomOf('RM_2', start + 60_000)
  ledger.reconcile({ begunAt: new Date(start + 30_000), rooms: [room], participants: new Map() })
  expect(about(ledger.events, 'room_created')).toContain('RM_2')
})

test('who is known by a track alone, and is not there, came and went', () => {
  const { ledger, room } = callOfOne()
  const ghost = participantOf('PA_2', start)
  const seen = { at: new Date(start), origin: 'livekit', room: bareRoom(room) } as const
  ledger.observe(
    [{ ...seen, kind: 'track-published', participant: bareParticipant(ghost), track: trackOf('TR_1') }],
    start,
  )
  const there = new Map([[room.sid, [listed(participantOf('PA_1', start))]]])
  ledger.reconcile({ begunAt: new Date(start + 6000), rooms: [room], participants: there })
  expect(about(ledger.events, 'participant_left')).toEqual(['PA_2'])
  expect(about(ledger.events, 'track_published')).toEqual(['TR_1'])
})

test('a helper that is known by a track alone stays nobody', () => {
  const { ledger, room } = callOfOne()
  const helper = participantOf('PA_2', start)
  const seen = { at: new Date(start), origin: 'livekit', room: bareRoom(room) } as const
  ledger.observe(
    [{ ...seen, kind: 'track-published', participant: bareParticipant(helper), track: trackOf('TR_1') }],
    start,
  )
  const there = [listed(participantOf('PA_1', start)), { participant: helper, helper: true }]
  for (const laterMs of [6000, 60_000])
    ledger.reconcile({
      begunAt: new Date(start + laterMs),
      rooms: laterMs === 6000 ? [room] : [],
      participants: new Map(laterMs === 6000 ? [[room.sid, there]] : []),
    })
  expect(about(ledger.events, 'participant_joined')).toEqual(['PA_1'])
  expect(about(ledger.events, 'track_published')).toEqual([])
})

function callOfOne() {
  const ledger = createLedgerModel()
  const room = roomOf('RM_1', start)
  const seen = { at: new Date(start), origin: 'livekit', room } as const
  ledger.observe(
    [{ ...seen, kind: 'participant-joined', participant: participantOf('PA_1', start), helper: false }],
    start,
  )
  return { ledger, room }
}
