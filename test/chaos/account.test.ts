import { expect, test } from 'vitest'
import { accountOf, type Evidence } from './account.ts'

const created = { id: 'room_created:RM_1', type: 'room_created', roomId: 'a', sequence: 1 } as const
const closed = { id: 'room_closed:RM_1', type: 'room_closed', roomId: 'a', sequence: 2 } as const
const endpoint = (events: string[], taken: string[]) => ({
  url: 'http://there',
  events,
  taken: new Set(taken),
  repeated: 0,
  forged: 0,
})

const good: Evidence = {
  acknowledged: new Set([closed.id]),
  ledger: [created, closed],
  endpoints: [endpoint(['*'], [created.id, closed.id]), endpoint(['room_closed'], [closed.id])],
}

test('a server that kept its word has no faults', () => {
  expect(accountOf(good)).toEqual({ faults: [], lost: 0, wanted: 3, repeated: 0, forged: 0 })
})

test.each<[string, Partial<Evidence>, string[]]>([
  [
    'an acknowledged event that is not in the ledger',
    { acknowledged: new Set(['room_created:RM_2']) },
    ['room_created:RM_2 was acknowledged and is not in the ledger'],
  ],
  [
    'an event that did not reach who wants it',
    { endpoints: [endpoint(['*'], [created.id])] },
    ['room_closed:RM_1 is in the ledger and did not reach http://there'],
  ],
  [
    'an event that came and is not in the ledger',
    { endpoints: [endpoint(['room_closed'], [closed.id, 'room_created:RM_2'])] },
    ['room_created:RM_2 reached http://there and is not in the ledger'],
  ],
  [
    'an event that is in the ledger twice',
    { ledger: [created, closed, { ...closed, sequence: 3 }] },
    ['room_closed:RM_1 is in the ledger more than once'],
  ],
  [
    'a gap in a room',
    { ledger: [created, { ...closed, sequence: 3 }] },
    ['room_closed:RM_1 has the sequence 3 instead of 2'],
  ],
  [
    'a bad signature',
    { endpoints: [{ ...endpoint(['room_closed'], [closed.id]), forged: 1 }] },
    ['1 signatures are not good'],
  ],
])('%s is a fault', (_, changed, faults) => {
  expect(accountOf({ ...good, ...changed }).faults).toEqual(faults)
})
