import { expect, test } from 'vitest'
import { writeAnswer } from './answer.ts'
import { readOffer } from './offer.ts'
import { offers } from './testing.ts'

const local = {
  iceUsername: 'ours',
  icePassword: 'a password of ours',
  fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
  candidates: [
    { address: '127.0.0.1', port: 4000 },
    { address: '192.0.2.1', port: 4000 },
  ],
}
/** Lines of the session and of each section. */
const answer = (offer: string) =>
  writeAnswer(readOffer(offer), local)
    .split(/\r\n(?=m=)/)
    .map((part) => part.split('\r\n'))

test('each section is answered in its place, with one transport for all', () => {
  const [session, ...sections] = answer(offers.call)
  expect(session).toContain('a=group:BUNDLE 0 1 2')
  expect(sections.map((lines) => lines[0])).toEqual([
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  ])
  for (const [mid, lines] of sections.entries()) {
    expect(lines).toEqual(
      expect.arrayContaining([
        `a=mid:${mid}`,
        'a=ice-ufrag:ours',
        'a=ice-pwd:a password of ours',
        'a=fingerprint:sha-256 AA:BB',
        'a=setup:active',
        'a=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host',
        'a=candidate:2 1 udp 2130706175 192.0.2.1 4000 typ host',
      ]),
    )
  }
  expect(sections[0]).toContain('a=sctp-port:5000')
})

test('tracks are received as published: every codec we know with its repairs, and redundant audio', () => {
  const [, , audio, video] = answer(offers.call)
  expect(audio).toEqual(
    expect.arrayContaining(['a=recvonly', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111']),
  )
  expect(video).toEqual(
    expect.arrayContaining([
      'a=rtpmap:96 VP8/90000',
      'a=fmtp:97 apt=96',
      'a=rtcp-fb:96 nack',
      'a=rtcp-fb:96 nack pli',
    ]),
  )
  // A second codec is published beside H.265 for who does not take it.
  expect(video?.join()).not.toMatch(/H265|:117/)
})

test('only extensions that are read are taken', () => {
  expect(answer(offers.call)[3]?.filter((line) => line.startsWith('a=extmap'))).toEqual([])
  expect(answer(offers.sendSide)[3]).toContain(
    'a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  )
})

test('what is free stays free, what is stopped stays stopped and out of the bundle', () => {
  const [session, , audio, video] = answer(offers.later)
  expect(session).toContain('a=group:BUNDLE 0 1')
  expect(audio).toContain('a=inactive')
  expect(video?.slice(0, 1)).toEqual(['m=video 0 UDP/TLS/RTP/SAVPF 96 97'])
})

test('a track in none of our codecs is received nevertheless', () => {
  const offer = offers.call
    .replace('SAVPF 111 63 0', 'SAVPF 0')
    .replace(/a=(rtpmap|fmtp):(111|63).*\r\n/g, '')
  expect(answer(offer)[2]?.slice(0, 1)).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 0'])
})
