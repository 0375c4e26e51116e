import { expect, test } from 'vitest'
import { readOffer } from './offer.ts'
import { mimeTypeOf, readSources } from './sources.ts'
import { offers } from './testing.ts'

const sourcesOf = (offer: string) => readSources(readOffer(offer))

test('each stream is known by whose track it carries or repairs', () => {
  const { bySsrc } = sourcesOf(offers.call)
  const [ada, camera] = [{ participantSid: 'PA_ada' }, { trackSid: 'TR_VCada', kind: 'video' }]
  expect(bySsrc.get(3254049813)).toMatchObject({
    ...ada,
    trackSid: 'TR_AMada',
    kind: 'audio',
    repairs: undefined,
  })
  expect(bySsrc.get(2894906485)).toMatchObject({ ...ada, ...camera, repairs: undefined })
  expect(bySsrc.get(1350367352)).toMatchObject({ ...ada, ...camera, repairs: 2894906485 })
  expect(bySsrc.size).toBe(3)
})

test('each payload type is known by its codec; repairs and redundancy are of what they hold', () => {
  const { byPayloadType } = sourcesOf(offers.call)
  const video = { mimeType: 'video/VP8', clockRate: 90_000, isRed: false }
  const audio = { mimeType: 'audio/opus', clockRate: 48_000, isRepair: false }
  expect(byPayloadType.get(96)).toEqual({ ...video, isRepair: false })
  expect(byPayloadType.get(97)).toEqual({ ...video, isRepair: true })
  expect(byPayloadType.get(111)).toEqual({ ...audio, isRed: false })
  expect(byPayloadType.get(63)).toEqual({ ...audio, isRed: true })
})

test('nothing of an offer remains in the next', () => {
  expect(sourcesOf(offers.later).bySsrc.size).toBe(0)
})

test('LiveKit gets the feedback that it goes by', () => {
  expect(sourcesOf(offers.call)).toMatchObject({ transportSequenceId: undefined, wantsEstimate: true })
  expect(sourcesOf(offers.sendSide)).toMatchObject({ transportSequenceId: 4, wantsEstimate: false })
})

test('types are written in one way', () => {
  expect(['video/vp8', 'video/H264', 'audio/RED', 'audio/OPUS', 'video/other'].map(mimeTypeOf)).toEqual([
    'video/VP8',
    'video/H264',
    'audio/opus',
    'audio/opus',
    'video/other',
  ])
})
