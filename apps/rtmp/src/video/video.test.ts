import { setTimeout as pause } from 'node:timers/promises'
import type { VideoFrame } from '@rtcstack/rtmp'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCopyWatch } from './copy-watch.ts'
import { createDelayLine } from './delay-line.ts'
import { packetise } from './packetise.ts'
import { createRecentFrames } from './recent-frames.ts'
import { createVideoDelay } from './video-delay.ts'

const frame = (decodeMs: number, more: Partial<VideoFrame> = {}): VideoFrame => ({
  type: 'video',
  decodeMs,
  offsetMs: 0,
  isKey: false,
  units: [],
  body: Buffer.alloc(10),
  ...more,
})

describe('what stands in the way of copying', () => {
  test('is nothing where frames are shown in their order, however late', () => {
    const watch = createCopyWatch()
    const seen = [0, 33, 67, 100].map((ms) => watch(frame(ms, { offsetMs: 80, isKey: ms === 0 })))
    expect(seen).toEqual([undefined, undefined, undefined, undefined])
  })

  test('is a frame that is shown before one that came first, and from then on', () => {
    const watch = createCopyWatch()
    const offsets = [66, 166, 33, 0]
    expect(offsets.map((offsetMs, index) => watch(frame(33 * index, { offsetMs })))).toEqual([
      undefined,
      undefined,
      'b-frames',
      'b-frames',
    ])
  })

  test('is a key frame that does not come within four seconds', () => {
    const watch = createCopyWatch()
    watch(frame(0, { isKey: true }))
    expect([watch(frame(4_000)), watch(frame(4_001))]).toEqual([undefined, 'rare-key-frames'])
  })
})

test('packets fit, and their units are whole again at the other end', () => {
  const unit = fc.uint8Array({ minLength: 1, maxLength: 6_000 }).map((bytes) => Buffer.from([0x65, ...bytes]))
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 3 }), (units) => {
      const payloads = packetise(units)
      expect(Math.max(0, ...payloads.map(({ length }) => length))).toBeLessThanOrEqual(1_180)
      const joined: Buffer[] = []
      for (const payload of payloads) {
        const [first = 0, second = 0] = payload
        if ((first & 31) !== 28) joined.push(payload)
        else if (second & 0x80)
          joined.push(Buffer.from([(first & 0xe0) | (second & 31), ...payload.subarray(2)]))
        else joined.push(Buffer.concat([joined.pop() as Buffer, payload.subarray(2)]))
      }
      expect(joined).toEqual(units)
    }),
    { numRuns: 100 },
  )
})

describe('recent frames', () => {
  test('begin with the last key frame', () => {
    const recent = createRecentFrames()
    for (const ms of [0, 33, 67, 100]) recent.add(frame(ms, { isKey: ms % 67 === 0 }))
    expect(recent.events.map((event) => event.decodeMs)).toEqual([67, 100])
  })

  test('are forgotten until the next key frame when they are too many', () => {
    const recent = createRecentFrames()
    const body = Buffer.alloc(5 * 1024 * 1024)
    for (const ms of [0, 33, 67, 100]) recent.add(frame(ms, { isKey: ms === 0, body }))
    expect(recent.events).toEqual([])
    recent.add(frame(133, { isKey: true }))
    expect(recent.events).toHaveLength(1)
  })
})

test('video waits for what sound takes longer, and no longer than that', () => {
  const delay = createVideoDelay()
  for (let count = 0; count < 500; count++) {
    delay.observeAudio(60)
    delay.observeVideo(20)
  }
  expect(delay.delayMs).toBeCloseTo(40 + 15)
  for (let count = 0; count < 500; count++) delay.observeVideo(200)
  expect(delay.delayMs).toBe(0)
})

test('what is delayed keeps its order when the delay shrinks, and is forgotten at the end', async () => {
  const line = createDelayLine()
  const done: number[] = []
  await new Promise<void>((resolve) => {
    line.add(20, () => done.push(1))
    line.add(5, () => done.push(2))
    line.add(0, () => resolve(void done.push(3)))
  })
  expect(done).toEqual([1, 2, 3])
  line.add(5, () => done.push(4))
  line.close()
  await pause(20)
  expect(done).toEqual([1, 2, 3])
})
