import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pauseBeforeNext } from './schedule.ts'

const schedule = [5, 300, 1800]
const middle = () => 0.5

describe('the pause before the next attempt', () => {
  test.each([
    [1, 5000],
    [2, 300_000],
    [3, 1_800_000],
  ])('after %i failed ones is %i ms', (tries, pauseMs) => {
    expect(pauseBeforeNext(schedule, tries, undefined, middle)).toBe(pauseMs)
  })

  test.each([4, 5, 100])('does not come after %i failed ones: the schedule is used up', (tries) => {
    expect(pauseBeforeNext(schedule, tries, undefined, middle)).toBeUndefined()
    expect(pauseBeforeNext(schedule, tries, 10, middle)).toBeUndefined()
  })

  test('does not come where there is no schedule', () => {
    expect(pauseBeforeNext([], 1, undefined, middle)).toBeUndefined()
  })

  test('varies by 20 % both ways, and no further', () => {
    expect(pauseBeforeNext(schedule, 2, undefined, () => 0)).toBe(240_000)
    expect(pauseBeforeNext(schedule, 2, undefined, () => 1)).toBe(360_000)
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const pauseMs = pauseBeforeNext(schedule, 1, undefined, () => random)
        expect(pauseMs).toBeGreaterThanOrEqual(4000)
        expect(pauseMs).toBeLessThanOrEqual(6000)
      }),
    )
  })

  test.each([
    [0, 300],
    [299, 300],
    [300, 300],
    [450, 450],
    [599.6, 599.6],
    [600, 600],
    [601, 600],
    [999_999_999, 600],
  ])('is what Retry-After: %d asks for, between once and twice the pause: %d s', (asked, seconds) => {
    expect(pauseBeforeNext(schedule, 2, asked, Math.random)).toBe(seconds * 1000)
  })
})
