import { expect, test } from 'vitest'
import { createTrackTimes } from './track-times.ts'

/** Times of frames 20 ms apart of which the tap says that they were captured later than their time stamps by `errorsMs`. */
function timesOf(errorsMs: number[]) {
  const placeOf = createTrackTimes('opus')
  return errorsMs.map((errorMs, index) =>
    placeOf({ timestamp: index * 960, capturedAtMs: 1_000_000 + index * 20 + errorMs }),
  )
}
const zeros = (length: number) => Array<number>(length).fill(0)
const steps = (times: number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0))

test('frames are as far apart as their time stamps say', () => {
  const times = timesOf(zeros(100))
  expect(times[0]).toBe(1_000_000)
  for (const step of steps(times)) expect(step).toBeCloseTo(20, 6)
})

test.each([20, -20, 140, -140, -400])(
  'a correction by %i ms is taken in smoothly, until it is',
  (correctionMs) => {
    const times = timesOf([...zeros(10), ...Array<number>(200).fill(correctionMs)])
    const isLarge = correctionMs < -150
    for (const step of steps(times)) {
      expect(step).toBeGreaterThanOrEqual(isLarge ? 9.999 : 18.999)
      expect(step).toBeLessThanOrEqual(21.001)
    }
    expect(times.at(-1)).toBeCloseTo(1_000_000 + 209 * 20 + correctionMs, 3)
  },
)

test('a jump forward is taken at once', () => {
  expect(timesOf([0, 0, 900]).at(-1)).toBeCloseTo(1_000_940, 6)
})

test('frames that are sent before earlier ones keep their own times', () => {
  const placeOf = createTrackTimes('vp8')
  const times = [0, 3, 1, 2, 4].map((frame) =>
    placeOf({ timestamp: frame * 3_600, capturedAtMs: 1_000_000 + frame * 40 }),
  )
  expect(times.map((time) => Math.round(time - 1_000_000))).toEqual([0, 120, 40, 80, 160])
})
