import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createUnwrapper } from './unwrap.ts'

test('numbers come back as they were before they wrapped, however they overtake each other', () => {
  const step = fc.integer({ min: -1_000, max: 30_000 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), fc.array(step), (first, steps) => {
      const unwrap = createUnwrapper(16)
      let number = first
      expect(unwrap(number)).toBe(number)
      for (const by of steps) {
        number += by
        expect(unwrap(((number % 0x10000) + 0x10000) % 0x10000)).toBe(number)
      }
    }),
  )
})

test('time stamps wrap at 32 bits', () => {
  const unwrap = createUnwrapper(32)
  expect([0xfffffc40, 0x40, 0xffffff00].map(unwrap)).toEqual([0xfffffc40, 0x100000040, 0xffffff00])
})
