import { expect, test } from 'vitest'
import { cutFrames } from './adts.ts'
import { ffmpeg, tone } from './testing/media.ts'

/** Frames of these many bytes, with the header's fields around the length at random values. */
const frame = (bytes: number) => {
  const made = new Uint8Array(bytes).fill(bytes & 0xff)
  made.set([0xff, 0xf1, 0x4c, 0x80 | (bytes >> 11), (bytes >> 3) & 0xff, ((bytes & 7) << 5) | 0x1f, 0xfc])
  return made
}
const lengths = [9, 300, 2_047, 8_191, 64]
const stream = Buffer.concat(lengths.map(frame))
const cut = (skip: number, keep: number) => [...cutFrames(stream, { skip, keep })]
const framesOf = (...bytes: number[]) => [...Buffer.concat(bytes.map(frame))]

test('frames are cut from the front, the middle and the end', () => {
  expect(cut(0, 2)).toEqual(framesOf(9, 300))
  expect(cut(1, 3)).toEqual(framesOf(300, 2_047, 8_191))
  expect(cut(3, Number.POSITIVE_INFINITY)).toEqual(framesOf(8_191, 64))
  expect(cut(0, 5)).toEqual([...stream])
  expect(cut(2, 0)).toEqual([])
})

test.each([
  { what: 'more frames than there are', bytes: stream, skip: 1, keep: 5 },
  { what: 'frames after the last one', bytes: stream, skip: 5, keep: Number.POSITIVE_INFINITY },
  { what: 'a frame that is cut off', bytes: stream.subarray(0, -1), skip: 4, keep: 1 },
  { what: 'something else', bytes: Buffer.from('ID3 and so on'), skip: 0, keep: 1 },
])('$what cannot be had', ({ bytes, skip, keep }) => {
  expect(() => cutFrames(bytes, { skip, keep })).toThrow(/frame/)
})

test("an encoder's stream is cut where its frames begin", async () => {
  const input = ['-f', 'lavfi', '-t', '1', '-i', tone(440)]
  const encoded = await ffmpeg([...input, '-c:a', 'aac', '-f', 'adts', 'pipe:1'])
  const halves = [cutFrames(encoded, { skip: 0, keep: 20 }), cutFrames(encoded, { skip: 20, keep: Infinity })]
  expect(Buffer.concat(halves)).toEqual(encoded)
})
