import { expect, test } from 'vitest'
import type { TapGap } from '../listener.ts'
import type { TapPacket } from '../packet.ts'
import { giveUpAfterMs } from './repair.ts'
import { createSenderClock } from './sender-clock.ts'
import { audioPacket, opus, videoPacket, vp8 } from './testing.ts'
import { createTrackStream } from './track-stream.ts'

function listen(kind: 'audio' | 'video') {
  const packets: TapPacket[] = []
  const said: (TapGap | string)[] = []
  const stream = createTrackStream({
    kind,
    sender: createSenderClock(),
    output: {
      packet: (packet) => {
        packets.push(packet)
        said.push(`packet ${packet.sequence}`)
      },
      gap: (gap) => said.push(gap),
      codec: (mimeType) => said.push(mimeType),
      keyFrame: () => said.push('key frame'),
      keyFrameNeeded: () => said.push('key frame needed'),
    },
  })
  const gaps = () => said.filter((one): one is TapGap => typeof one === 'object')
  return { stream, packets, said, gaps }
}

test('numbers count up by one from 0, whatever LiveKit puts in between', () => {
  const { stream, packets, gaps } = listen('audio')
  const from = { sequence: 65_530, timestamp: 0xffff_f000 }
  for (let index = 0; index < 20; index++) {
    const isPadding = index % 5 === 3
    const packet = audioPacket(index, from)
    stream.receive(isPadding ? { ...packet, payload: Buffer.alloc(0) } : packet, opus, 1_000 + 20 * index)
  }
  stream.tick(2_000)
  expect(packets.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 16 }, (_, index) => index))
  const steps = packets.slice(1).map(({ timestamp }, index) => timestamp - (packets[index]?.timestamp ?? 0))
  expect(new Set(steps)).toEqual(new Set([960, 1_920]))
  expect(gaps()).toEqual([])
})

test('the codec is told before the first packet in it', () => {
  const { stream, said } = listen('video')
  stream.receive(videoPacket(0), vp8, 0)
  stream.tick(100)
  const h264 = { ...vp8, mimeType: 'video/H264' }
  stream.receive({ ...videoPacket(1), payload: Buffer.from([0x67, 1]) }, h264, 110)
  expect(said).toEqual(['key frame', 'video/VP8', 'packet 0', 'key frame', 'video/H264', 'packet 1'])
})

test('after a gap in video the next packet starts a frame; what lies between belongs to the gap', () => {
  const { stream, packets, said, gaps } = listen('video')
  // Of frame 2, packets 6 to 8, the middle one is lost; frame 5 is the next key frame.
  for (let index = 0; index < 18; index++)
    if (index !== 7) stream.receive(videoPacket(index, { keyEvery: 5 }), vp8, 0)
  stream.tick(60)
  stream.tick(60 + giveUpAfterMs)
  expect(gaps()).toEqual([{ fromSequence: 7, toSequence: 8 }])
  expect(packets.map(({ sequence }) => sequence)).toEqual([
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    ...[9, 10, 11, 12, 13, 14, 15, 16, 17],
  ])
  expect(said.filter((one) => one === 'key frame needed')).not.toEqual([])
  // Needed until it has come, and no longer.
  expect(said.lastIndexOf('key frame needed')).toBeLessThan(said.lastIndexOf('key frame'))
})

test('video that is met in the middle of a frame is taken up at the next one, and a key frame is needed', () => {
  const { stream, packets, said } = listen('video')
  for (let index = 4; index < 9; index++) stream.receive(videoPacket(index), vp8, 0)
  stream.tick(60)
  expect(packets.map(({ sequence, payload }) => [sequence, payload[2]])).toEqual([
    [0, 6],
    [1, 7],
    [2, 8],
  ])
  expect(said[0]).toBe('key frame needed')
})

test('packets of one frame have one time, however late some of them come', () => {
  const { stream, packets } = listen('video')
  for (let index = 0; index < 9; index++) stream.receive(videoPacket(index), vp8, 1_000 + 25 * index)
  stream.tick(1_300)
  const times = packets.map(({ capturedAtMs }) => capturedAtMs)
  expect(times).toEqual([0, 3, 6].flatMap((index) => Array(3).fill(times[index])))
  expect(new Set(times).size).toBe(3)
})

test('lost audio is a gap, and nothing else is missing', () => {
  const { stream, packets, gaps } = listen('audio')
  for (const index of [0, 1, 4, 5]) stream.receive(audioPacket(index), opus, 20 * index)
  stream.tick(150)
  stream.tick(150 + giveUpAfterMs)
  expect(gaps()).toEqual([{ fromSequence: 2, toSequence: 3 }])
  expect(packets.map(({ sequence }) => sequence)).toEqual([0, 1, 4, 5])
  expect(stream.counts).toMatchObject({ received: 4, delivered: 4, lost: 2 })
})

test('a track that goes on in another stream has a gap there, and time stamps that follow the clock', () => {
  const { stream, packets, gaps } = listen('audio')
  for (let index = 0; index < 10; index++)
    stream.receive(audioPacket(index, { timestamp: 77 }), opus, 1_000 + 20 * index)
  stream.tick(1_300)
  stream.restart()
  for (let index = 0; index < 10; index++)
    stream.receive(
      audioPacket(index, { sequence: 31_000, timestamp: 4_000_000_000 }),
      opus,
      3_000 + 20 * index,
    )
  stream.tick(3_300)
  expect(gaps()).toEqual([{ fromSequence: 10, toSequence: 10 }])
  expect(packets.map(({ sequence }) => sequence)).toEqual([...Array(21).keys()].filter((n) => n !== 10))
  const [before, after] = [packets[9], packets[10]]
  expect((after?.timestamp ?? 0) - (before?.timestamp ?? 0)).toBe(48 * (3_000 - 1_180))
  // The first sample of a packet was heard 20 ms before the packet could be sent.
  expect(after?.capturedAtMs).toBe(2_980)
})
