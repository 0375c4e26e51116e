import { DisconnectReason, LeaveRequest_Action } from '@livekit/protocol'
import { expect, test } from 'vitest'
import { onLeave, onRefusal, waitBeforeMs } from './departure.ts'

const { DISCONNECT, RECONNECT, RESUME } = LeaveRequest_Action

test.each([
  ['PARTICIPANT_REMOVED', 'removed'],
  ['ROOM_DELETED', 'room-closed'],
  ['ROOM_CLOSED', 'room-closed'],
  ['DUPLICATE_IDENTITY', 'duplicate-identity'],
] as const)('%s is the end: %s', (name, reason) => {
  expect(onLeave({ action: DISCONNECT, reason: DisconnectReason[name] })).toEqual({
    next: 'end',
    reason,
    detail: name,
  })
})

test.each(['SERVER_SHUTDOWN', 'STATE_MISMATCH', 'CONNECTION_TIMEOUT', 'MIGRATION'] as const)(
  '%s passes',
  (name) => {
    for (const action of [DISCONNECT, RECONNECT, RESUME])
      expect(onLeave({ action, reason: DisconnectReason[name] })).toEqual({ next: 'rejoin', detail: name })
  },
)

test('a refused token is the end, and so is a room that is not there; anything else may pass', () => {
  expect(onRefusal('no', 401)).toEqual({ next: 'end', reason: 'failed', detail: 'no' })
  expect(onRefusal('no', 404)).toEqual({ next: 'end', reason: 'room-closed', detail: 'no' })
  for (const status of [undefined, 429, 500, 503])
    expect(onRefusal('no', status)).toEqual({ next: 'rejoin', detail: 'no' })
})

test('the first try is at once, the next ones wait longer and longer, up to five seconds', () => {
  const waits = [0, 1, 2, 3, 10, 1_000].map((failures) => waitBeforeMs(failures, 1))
  expect(waits).toEqual([0, 100, 200, 400, 5_000, 5_000])
  expect(waitBeforeMs(3, 0)).toBe(200)
})
