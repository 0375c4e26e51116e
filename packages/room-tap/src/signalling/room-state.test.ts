import {
  ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  SpeakerInfo,
  TrackInfo,
  TrackSource,
  TrackType,
} from '@livekit/protocol'
import { expect, test } from 'vitest'
import { createRoomState } from './room-state.ts'

const camera = {
  sid: 'TR_VC',
  type: TrackType.VIDEO,
  source: TrackSource.CAMERA,
  mimeType: 'video/vp8',
  width: 640,
  height: 360,
}
const microphone = {
  sid: 'TR_AM',
  type: TrackType.AUDIO,
  source: TrackSource.MICROPHONE,
  mimeType: 'audio/red',
}

const participant = (sid: string, tracks: object[] = [], more: object = {}) =>
  new ParticipantInfo({
    sid,
    identity: sid.toLowerCase(),
    state: ParticipantInfo_State.ACTIVE,
    tracks: tracks.map((track) => new TrackInfo(track)),
    ...more,
  })

function watch() {
  const told: unknown[][] = []
  const tell =
    (what: string) =>
    (...args: unknown[]) =>
      void told.push([what, ...args])
  const room = createRoomState(
    {
      participantJoined: ({ identity }) => void told.push(['joined', identity]),
      participantUpdated: ({ name }) => void told.push(['updated', name]),
      participantLeft: tell('left'),
      trackPublished: ({ sid, mimeType }) => void told.push(['published', sid, mimeType]),
      trackUpdated: ({ sid, muted, width, mimeType }) =>
        void told.push(['track', sid, muted, width, mimeType]),
      trackUnpublished: tell('unpublished'),
      speakersChanged: tell('speakers'),
    },
    () => 'PA_own',
  )
  return { room, take: () => told.splice(0) }
}

test('who joins is told before their tracks, and who leaves after them', () => {
  const { room, take } = watch()
  room.update([participant('PA_ada', [camera, microphone]), participant('PA_own')])
  expect(take()).toEqual([
    ['joined', 'pa_ada'],
    ['published', 'TR_VC', 'video/VP8'],
    ['published', 'TR_AM', 'audio/opus'],
  ])
  room.update([participant('PA_ada', [], { state: ParticipantInfo_State.DISCONNECTED })])
  expect(take()).toEqual([
    ['unpublished', 'TR_VC'],
    ['unpublished', 'TR_AM'],
    ['left', 'PA_ada'],
  ])
})

test('only what changes is told', () => {
  const { room, take } = watch()
  room.update([participant('PA_ada', [camera])])
  take()
  room.update([participant('PA_ada', [camera])])
  expect(take()).toEqual([])
  room.update([participant('PA_ada', [{ ...camera, muted: true, width: 1280 }], { name: 'Ada' })])
  expect(take()).toEqual([
    ['updated', 'Ada'],
    ['track', 'TR_VC', true, 1280, 'video/VP8'],
  ])
  room.update([participant('PA_ada', [], { name: 'Ada' })])
  expect(take()).toEqual([['unpublished', 'TR_VC']])
})

test('when all are told, who is not among them has left', () => {
  const { room, take } = watch()
  room.update([participant('PA_ada', [microphone]), participant('PA_bob')])
  take()
  room.update([participant('PA_bob'), participant('PA_eve')], { areAll: true })
  expect(take()).toEqual([
    ['unpublished', 'TR_AM'],
    ['left', 'PA_ada'],
    ['joined', 'pa_eve'],
  ])
})

test('the codec that flows stands against the one announced', () => {
  const { room, take } = watch()
  room.update([participant('PA_ada', [camera])])
  take()
  room.codec('TR_VC', 'video/H264')
  room.codec('TR_VC', 'video/H264')
  room.update([participant('PA_ada', [{ ...camera, muted: true }])])
  expect(take()).toEqual([
    ['track', 'TR_VC', false, 640, 'video/H264'],
    ['track', 'TR_VC', true, 640, 'video/H264'],
  ])
  expect(room.track('TR_VC')).toMatchObject({ kind: 'video', source: 'camera', participantSid: 'PA_ada' })
})

test('who speaks is told the loudest first, when it changes, and never of who has left', () => {
  const { room, take } = watch()
  room.update([participant('PA_ada'), participant('PA_bob')])
  take()
  const speaker = (sid: string, level: number) => new SpeakerInfo({ sid, level, active: level > 0 })
  room.speakers([speaker('PA_ada', 0.2), speaker('PA_bob', 0.5), speaker('PA_unknown', 0.9)])
  room.speakers([speaker('PA_ada', 0.3)])
  room.speakers([speaker('PA_ada', 0.8)])
  room.speakers([speaker('PA_bob', 0)])
  room.update([participant('PA_ada', [], { state: ParticipantInfo_State.DISCONNECTED })])
  expect(take()).toEqual([
    ['speakers', ['PA_bob', 'PA_ada']],
    ['speakers', ['PA_ada', 'PA_bob']],
    ['speakers', ['PA_ada']],
    ['speakers', []],
    ['left', 'PA_ada'],
  ])
})

test('after changes were missed nobody speaks until it is told again', () => {
  const { room, take } = watch()
  room.update([participant('PA_ada')])
  room.speakers([new SpeakerInfo({ sid: 'PA_ada', level: 0.5, active: true })])
  take()
  room.forgetSpeakers()
  room.forgetSpeakers()
  expect(take()).toEqual([['speakers', []]])
})

test('participants are told with all that LiveKit knows of them', () => {
  const joined: unknown[] = []
  const ignore = () => undefined
  const room = createRoomState(
    {
      participantJoined: (one) => void joined.push(one),
      participantLeft: ignore,
      trackPublished: ignore,
      trackUpdated: ignore,
      trackUnpublished: ignore,
      speakersChanged: ignore,
    },
    () => undefined,
  )
  const more = {
    name: 'Ada',
    kind: ParticipantInfo_Kind.INGRESS,
    attributes: { role: 'host' },
    metadata: '{}',
  }
  room.update([participant('PA_ada', [], more)])
  expect(joined).toEqual([{ sid: 'PA_ada', identity: 'pa_ada', ...more, kind: 'ingress' }])
})

test('those who are there already are told in the order in which they came', () => {
  const { room, take } = watch()
  const later = participant('PA_B', [], { joinedAtMs: 2_000n })
  const first = participant('PA_C', [], { joinedAtMs: 1_000n })
  room.update([later, first], { areAll: true })
  expect(take()).toEqual([
    ['joined', 'pa_c'],
    ['joined', 'pa_b'],
  ])
})
