import type { ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'
import { expect, expectTypeOf, test } from 'vitest'
import {
  createClient,
  type EventData,
  type EventType,
  eventTypes,
  type LedgerEvent,
  type TestEvent,
  verifyWebhook,
} from './index.ts'

/** What a reader of events writes; it compiles only where `type` narrows `data`. */
function describe(event: LedgerEvent | TestEvent): string {
  switch (event.type) {
    case 'room_created':
    case 'room_closed':
      expectTypeOf(event.data.room).toEqualTypeOf<Room>()
      return event.data.room.sid
    case 'participant_joined':
      expectTypeOf(event.data.participant).toEqualTypeOf<ParticipantInfo>()
      return event.data.participant.identity
    case 'participant_left':
      expectTypeOf(event.data.durationSeconds).toEqualTypeOf<number | undefined>()
      return event.data.participant.identity
    case 'track_published':
      expectTypeOf(event.data.track).toEqualTypeOf<TrackInfo>()
      return event.data.track.sid
    case 'recording_started':
    case 'recording_stopped':
      expectTypeOf(event.data.egressId).toBeString()
      return event.data.egressId
    case 'ingress_started':
    case 'ingress_stopped':
      expectTypeOf(event.data.ingressId).toBeString()
      return event.data.ingressId
    case 'transcription_completed':
      expectTypeOf(event.data.segmentCount).toBeNumber()
      return event.data.transcriptionId
    case 'test':
      expectTypeOf(event.data).toEqualTypeOf<{ webhookId: string }>()
      return event.data.webhookId
    default:
      expectTypeOf(event).toBeNever()
      return ''
  }
}

test('the type of an event tells what its data is, wherever it comes from', () => {
  const client = createClient({ url: 'http://calls.test', apiKey: 'k' })
  expectTypeOf(verifyWebhook).returns.resolves.toEqualTypeOf<LedgerEvent | TestEvent>()
  expectTypeOf(client.events.list).returns.resolves.toHaveProperty('events').toEqualTypeOf<LedgerEvent[]>()
  expectTypeOf(client.events.all).returns.toEqualTypeOf<AsyncGenerator<LedgerEvent>>()
  expectTypeOf<LedgerEvent['type']>().toEqualTypeOf<EventType>()
  expectTypeOf<EventData<'participant_joined'>['participant']>().toEqualTypeOf<ParticipantInfo>()
  const types = ['participant_joined', 'participant_left'] as const
  type Present = Extract<LedgerEvent, { type: (typeof types)[number] }>
  expectTypeOf(client.events.all({ types })).toEqualTypeOf<AsyncGenerator<Present>>()
  expectTypeOf(client.events.stream({ types: ['participant_joined', 'participant_left'] })).toExtend<
    AsyncGenerator<{ event: Present }>
  >()
  // @ts-expect-error A room's event has no participant.
  expectTypeOf<EventData<'room_closed'>['participant']>().toBeUndefined()
  expect(describe({ type: 'test', data: { webhookId: 'wh_1' } } as TestEvent)).toBe('wh_1')
  expect(eventTypes).toContain('room_created')
})
