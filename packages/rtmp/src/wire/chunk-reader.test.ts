import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunksOf } from '../testing/publisher-bytes.ts'
import { createByteQueue } from './byte-queue.ts'
import { createChunkReader } from './chunk-reader.ts'
import type { RtmpMessage } from './message.ts'

const limits = { messageBytes: 100_000, chunkStreams: 4 }

function readerOf(...bytes: (Buffer | number[])[]) {
  const input = createByteQueue()
  for (const part of bytes) input.push(Buffer.from(part))
  return { input, reader: createChunkReader(input, limits) }
}

/** The times of all messages in some bytes. */
function timesIn(...bytes: (Buffer | number[])[]): number[] {
  const { reader } = readerOf(...bytes)
  const times: number[] = []
  for (let message = reader.next(); message; message = reader.next()) times.push(message.timestamp)
  return times
}

test('messages are the same however their bytes are cut', () => {
  const message = fc.record({
    type: fc.integer({ min: 8, max: 20 }),
    timestamp: fc.integer({ min: 0, max: 0xffffffff }),
    streamId: fc.integer({ min: 0, max: 3 }),
    payload: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
  })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.integer({ min: 1, max: 300 }), (sent, cutBytes) => {
      const bytes = Buffer.concat(sent.map((one) => chunksOf(one)))
      const { input, reader } = readerOf()
      const read: RtmpMessage[] = []
      for (let at = 0; at < bytes.length; at += cutBytes) {
        input.push(bytes.subarray(at, at + cutBytes))
        for (let next = reader.next(); next; next = reader.next()) read.push(next)
      }
      expect(read).toEqual(sent)
    }),
    { numRuns: 200 },
  )
})

test('messages of several streams may be interleaved', () => {
  const video = chunksOf({ type: 9, payload: Buffer.alloc(200, 1) }, { chunkStreamId: 6 })
  const audio = chunksOf({ type: 8, payload: Buffer.alloc(10, 2) }, { chunkStreamId: 4 })
  const { reader } = readerOf(video.subarray(0, 12 + 128), audio, video.subarray(12 + 128))
  expect([reader.next()?.type, reader.next()?.type, reader.next()]).toEqual([8, 9, undefined])
})

describe('time', () => {
  const absolute = [4, 0, 0, 40, 0, 0, 1, 8, 1, 0, 0, 0, 0xff]
  const difference = [0x44, 0, 0, 20, 0, 0, 1, 8, 0xff]

  test('goes on by differences, which format 3 repeats', () => {
    expect(timesIn(absolute, difference, [0x84, 0, 0, 5, 0xff], [0xc4, 0xff])).toEqual([40, 60, 65, 70])
  })

  test('has four bytes from 0xffffff on, whether the next chunks repeat them or not', () => {
    const payload = Buffer.alloc(200, 7)
    const repeated = chunksOf({ type: 9, timestamp: 0x01020304, payload })
    const bare = Buffer.concat([repeated.subarray(0, 16 + 128 + 1), repeated.subarray(16 + 128 + 1 + 4)])
    expect(timesIn(repeated, bare)).toEqual([0x01020304, 0x01020304])
  })

  test('wraps at 32 bits', () => {
    const late = chunksOf({ type: 8, timestamp: 0xfffffff0, payload: Buffer.from([1]) }, { chunkStreamId: 4 })
    expect(timesIn(late, difference)).toEqual([0xfffffff0, 4])
  })
})

test('an aborted message is forgotten, and its stream goes on', () => {
  const cut = chunksOf({ type: 9, payload: Buffer.alloc(200, 1) }).subarray(0, 12 + 128)
  const { input, reader } = readerOf(cut)
  expect(reader.next()).toBeUndefined()
  reader.abort(3)
  input.push(chunksOf({ type: 8, payload: Buffer.from([5]) }))
  expect(reader.next()).toMatchObject({ type: 8, payload: Buffer.from([5]) })
})

test.each<[string, Buffer]>([
  ['a message is too large', Buffer.from([3, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 0, 0, 0, 0])],
  ['a chunk stream began without a header', Buffer.from([0xc3])],
  [
    'too many chunk streams',
    Buffer.concat(
      [3, 4, 5, 6, 7].map((chunkStreamId) =>
        chunksOf({ type: 8, payload: Buffer.from([1]) }, { chunkStreamId }),
      ),
    ),
  ],
  [
    'a message began inside another',
    Buffer.concat([
      chunksOf({ type: 9, payload: Buffer.alloc(200) }).subarray(0, 12 + 128),
      chunksOf({ type: 9, payload: Buffer.alloc(200) }),
    ]),
  ],
])('it is refused when %s', (words, bytes) => {
  expect(() => timesIn(bytes)).toThrow(words)
})
