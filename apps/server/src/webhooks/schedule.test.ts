import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pauseBeforeNext, reasonToDisable } from './schedule.ts'

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

describe('an endpoint', () => {
  const now = new Date('2026-01-10T12:00:00Z')
  const daysAgo = (days: number, moreMs = 0) => new Date(now.getTime() - days * 86_400_000 - moreMs)

  test('that answers 410 is disabled at once, however well it did before', () => {
    expect(reasonToDisable(410, { failingSince: null, failures: 0 }, now)).toContain('410')
  })

  test.each([
    ['five days and ten failures', 10, daysAgo(5, 1)],
    ['more of both', 5000, daysAgo(30)],
  ])('is disabled after %s', (_what, failures, failingSince) => {
    for (const statusCode of [500, 404, null])
      expect(reasonToDisable(statusCode, { failingSince, failures }, now)).toContain('5 days')
  })

  test.each([
    ['not quite five days', 5000, daysAgo(5)],
    ['nine failures, which may be one delivery', 9, daysAgo(30)],
    ['none without a delivery in between', 5000, null],
  ])('stays after %s', (_what, failures, failingSince) => {
    for (const statusCode of [500, 404, 409, 411, null])
      expect(reasonToDisable(statusCode, { failingSince, failures }, now)).toBeUndefined()
  })
})
