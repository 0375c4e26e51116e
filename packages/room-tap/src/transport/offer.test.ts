import { expect, test } from 'vitest'
import { readOffer } from './offer.ts'
import { offers } from './testing.ts'

test('an offer names its transport once for all its sections', () => {
  expect(readOffer(offers.first)).toMatchObject({
    iceUsername: 'CUtfjzHwNZkDdYwv',
    icePassword: 'KOPAalutqFqZnCHFDtdgpZEYBjRWAiVu',
    isIceLite: false,
    fingerprints: [{ algorithm: 'sha-256', value: '00:06:C9:97' }],
    media: [{ kind: 'application', mid: '0', sctpPort: 5000, isRejected: false }],
  })
})

test('a section that sends tells whose track it is, and in which streams that comes', () => {
  const [, audio, video] = readOffer(offers.call).media
  expect(audio).toMatchObject({
    kind: 'audio',
    mid: '1',
    isSending: true,
    participantSid: 'PA_ada',
    trackSid: 'TR_AMada',
    streams: [{ ssrc: 3254049813 }],
  })
  expect(video).toMatchObject({
    trackSid: 'TR_VCada',
    streams: [{ ssrc: 2894906485 }, { ssrc: 1350367352, repairs: 2894906485 }],
    extensions: [{ id: 1 }, { id: 3, uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time' }],
  })
  expect(video?.codecs[0]).toEqual({
    payloadType: 96,
    name: 'VP8',
    clockRate: 90_000,
    rtpmap: 'VP8/90000',
    fmtp: [],
    feedback: ['ccm fir', 'nack', 'nack pli', 'goog-remb'],
  })
})

test('a section that is free or stopped belongs to nobody', () => {
  const [, audio, video] = readOffer(offers.later).media
  expect(audio).toMatchObject({ isRejected: false, isSending: false, trackSid: undefined, streams: [] })
  expect(video).toMatchObject({ isRejected: true, isSending: false, streams: [] })
})

test('an offer without a transport is refused', () => {
  expect(() => readOffer('v=0\r\ns=-\r\n')).toThrow('no ICE credentials')
})
