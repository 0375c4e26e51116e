import type { LedgerEvent } from '@rtcstack/sdk'
import { expect, test } from 'vitest'
import { lineOf, subjectOf } from './event-text.ts'
import { runWith } from './testing.ts'

const room = { sid: 'RM_1', name: 'demo' }
const ada = { identity: 'ada', name: 'Ada Lovelace' }
const eventOf = (type: string, data: object) =>
  ({ id: `${type}:1`, type, timestamp: '2026-01-01T12:00:00.123Z', roomId: 'demo', data }) as LedgerEvent
const left = eventOf('participant_left', { room, participant: ada, durationSeconds: 65 })

test.each([
  [eventOf('room_created', { room }), 'RM_1'],
  [eventOf('participant_joined', { room, participant: ada }), 'ada (Ada Lovelace)'],
  [eventOf('participant_joined', { room, participant: { identity: 'ada', name: '' } }), 'ada'],
  [left, 'ada (Ada Lovelace) after 65 s'],
  [
    eventOf('track_published', { room, participant: ada, track: { sid: 'TR_1', source: 'SCREEN_SHARE' } }),
    'ada (Ada Lovelace): screen_share TR_1',
  ],
  [eventOf('recording_stopped', { egressId: 'EG_1', status: 'complete' }), 'EG_1 complete'],
  [
    eventOf('ingress_started', { ingressId: 'IN_1', inputType: 'rtmp', participantIdentity: 'obs' }),
    'IN_1 rtmp of obs',
  ],
  [eventOf('transcription_completed', { transcriptionId: 'tr_1', status: 'complete' }), 'tr_1 complete'],
  [eventOf('invented_later', {}), ''],
])('%o is about %o', (event, subject) => expect(subjectOf(event)).toBe(subject))

test('events are one line each, in columns', () => {
  expect(lineOf(left)).toBe(
    '2026-01-01T12:00:00.123Z  participant_left         demo                  ada (Ada Lovelace) after 65 s',
  )
  const joined = lineOf(eventOf('participant_joined', { room, participant: ada }))
  expect(joined.indexOf('ada')).toBe(lineOf(left).indexOf('ada'))
})

test('events are listed with how to go on, and as JSON', async () => {
  const body = { events: [left], nextAfter: '9', nextCursor: '9' }
  const argv = ['events', 'list', '--room', 'demo', '--types', 'participant_left,room_closed', '--after', '8']
  const { out, asked } = await runWith([...argv, '--limit', '1'], { '/v1/events': { body } })
  expect(out).toBe(
    [
      'TIME                      TYPE              ROOM  SUBJECT',
      '2026-01-01T12:00:00.123Z  participant_left  demo  ada (Ada Lovelace) after 65 s',
      '',
      'There are more: --after 9',
      '',
    ].join('\n'),
  )
  expect(Object.fromEntries(new URL(asked[0]?.url ?? '').searchParams)).toEqual({
    roomId: 'demo',
    types: 'participant_left,room_closed',
    after: '8',
    limit: '1',
  })
  expect(JSON.parse((await runWith([...argv, '--json'], { '/v1/events': { body } })).out)).toEqual(body)
})

const session = {
  id: 'RM_1',
  roomId: 'demo',
  status: 'ended',
  startedAt: '2026-01-01T12:00:00.123Z',
  endedAt: '2026-01-01T13:30:00.123Z',
  durationSeconds: 5400,
  counts: { participants: 2, joins: 3, present: 0, peak: 2, tracks: 4 },
}

test('sessions are listed, the ones that last too', async () => {
  const active = { ...session, id: 'RM_2', status: 'active', endedAt: null, durationSeconds: null }
  const { out, asked } = await runWith(['sessions', 'list', '--room', 'demo', '--status', 'active'], {
    '/v1/sessions': { body: { sessions: [active, session], nextCursor: null } },
  })
  expect(out).toBe(
    [
      'SESSION  ROOM  STATUS  STARTED                   LASTED      PEOPLE  PEAK',
      'RM_2     demo  active  2026-01-01T12:00:00.123Z  -           2       2',
      'RM_1     demo  ended   2026-01-01T12:00:00.123Z  1 h 30 min  2       2',
      '',
    ].join('\n'),
  )
  expect(new URL(asked[0]?.url ?? '').search).toBe('?roomId=demo&status=active')
})

test('a session is shown with everyone who was in it', async () => {
  const stay = { sid: 'PA_1', ...ada, role: 'host', kind: 'STANDARD', joinedAt: session.startedAt, tracks: 2 }
  const participants = [
    { ...stay, leftAt: session.endedAt, durationSeconds: 5400 },
    { ...stay, identity: 'bot', name: '', role: null, leftAt: null, durationSeconds: null },
  ]
  const { out } = await runWith(['sessions', 'get', 'RM_1'], {
    '/v1/sessions/RM_1': { body: { ...session, participants } },
  })
  expect(out).toContain('ada       Ada Lovelace  host  2026-01-01T12:00:00.123Z  1 h 30 min  2')
  expect(out).toContain('bot                     -     2026-01-01T12:00:00.123Z  here        2')
})
