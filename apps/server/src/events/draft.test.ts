import { expect, test } from 'vitest'
import { type DraftEvent, eventBody } from './draft.ts'

const draft = (data: object): DraftEvent => ({
  id: 'room_created:RM_1',
  type: 'room_created',
  room: 'a "room"',
  at: new Date('2026-01-01T12:00:00.123Z'),
  data,
})
const parse = (data: object) => {
  const text = eventBody(draft(data)).join('7')
  return { text, event: JSON.parse(text) }
}

test('an event is its frame, its sequence and its data', () => {
  expect(parse({ room: { name: 'a "room"' } }).event).toEqual({
    id: 'room_created:RM_1',
    event: 'room_created',
    type: 'room_created',
    timestamp: '2026-01-01T12:00:00.123Z',
    roomId: 'a "room"',
    sequence: 7,
    data: { room: { name: 'a "room"' } },
  })
})

test('an event stays under 64 KiB: metadata, attributes and tracks go, and it says so', () => {
  const metadata = 'é'.repeat(30_000)
  expect(parse({ room: { sid: 'RM_1', metadata: 'é'.repeat(100) } }).event.data.truncated).toBeUndefined()
  const { text, event } = parse({
    room: { sid: 'RM_1', metadata },
    participant: { sid: 'PA_1', metadata, attributes: { a: metadata }, tracks: [{ sid: 'TR_1' }] },
  })
  expect(Buffer.byteLength(text)).toBeLessThan(65_536)
  expect(event.data).toEqual({
    room: { sid: 'RM_1', metadata: '' },
    participant: { sid: 'PA_1', metadata: '', attributes: {}, tracks: [] },
    truncated: true,
  })
})
