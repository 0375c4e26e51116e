import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Red } from 'werift'
import { unpackRed } from './red.ts'

test('a packet gives its own audio and the copies of those before it, the nearest first', () => {
  const blocks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(blocks, (payloads) => {
      const red = new Red()
      red.blocks = payloads.map((payload, index) => {
        const distance = payloads.length - 1 - index
        const block = { block: Buffer.from(payload), blockPT: 111 }
        return distance === 0 ? block : { ...block, timestampOffset: 960 * distance }
      })
      const [primary, ...earlier] = payloads.toReversed()
      expect(unpackRed(red.serialize())).toEqual({
        primary: Buffer.from(primary ?? []),
        copies: earlier.map((payload, index) => ({
          distance: index + 1,
          earlierBy: 960 * (index + 1),
          payload: Buffer.from(payload),
        })),
      })
    }),
  )
})

test('a copy that is empty counts, but is none', () => {
  const header = Buffer.from([0x80 | 111, 0x1e, 0x00, 0x00, 0x80 | 111, 0x0f, 0x00, 0x01, 111])
  expect(unpackRed(Buffer.concat([header, Buffer.from('xy')]))).toEqual({
    primary: Buffer.from('y'),
    copies: [{ distance: 1, earlierBy: 960, payload: Buffer.from('x') }],
  })
})

test('nothing fails on what is not well formed', () => {
  expect(unpackRed(Buffer.from([0x80 | 111, 0x0f, 0x00, 0x05, 111, 1, 2]))).toBeUndefined()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => void unpackRed(Buffer.from(bytes))))
})
