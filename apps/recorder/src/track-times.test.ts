import { expect, test } from 'vitest'
import { createTrackTimes } from './track-times.ts'

/** Times of frames 20 ms apart of which the tap says that they were captured later than their time stamps by `errorsMs`. */
function timesOf(codec: 'opus' | 'vp8', errorsMs: number[]) {
  const placeOf = createTrackTimes(codec)
  const ticks = codec === 'opus' ? 960 : 1_800
  return errorsMs.map((errorMs, index) =>
    placeOf({ timestamp: index * ticks, capturedAtMs: 1_000_000 + index * 20 + errorMs }),
  )
}
const zeros = (length: number) => Array<number>(length).fill(0)
const steps = (times: number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0))

test('frames are as far apart as their time stamps say', () => {
  const times = timesOf('opus', zeros(100))
  expect(times[0]).toBe(1_000_000)
  for (const step of steps(times)) expect(step).toBeCloseTo(20, 6)
})

test.each([20, -20, 140, -140, -400])(
  'a correction of a picture by %i ms is taken in smoothly, until it is',
  (correctionMs) => {
    const times = timesOf('vp8', [...zeros(10), ...Array<number>(200).fill(correctionMs)])
    const isLarge = correctionMs < -150
    for (const step of steps(times)) {
      expect(step).toBeGreaterThanOrEqual(isLarge ? 9.999 : 18.999)
      expect(step).toBeLessThanOrEqual(21.001)
    }
    expect(times.at(-1)).toBeCloseTo(1_000_000 + 209 * 20 + correctionMs, 3)
  },
)

test.each([-20, 20])('sound that flows is not moved for %i ms', (correctionMs) => {
  const errorsMs = [...zeros(10), ...Array<number>(200).fill(correctionMs)]
  for (const step of steps(timesOf('opus', errorsMs))) expect(step).toBeCloseTo(20, 6)
})

test.each([-40, 40, 140])(
  'sound that is %i ms off is moved until that is not heard any more',
  (correctionMs) => {
    const times = timesOf('opus', [...zeros(10), ...Array<number>(200).fill(correctionMs)])
    for (const step of steps(times)) expect(Math.abs(step - 20)).toBeLessThan(1.001)
    const leftMs = 1_000_000 + 209 * 20 + correctionMs - (times.at(-1) ?? 0)
    expect(Math.abs(leftMs)).toBeLessThanOrEqual(10)
  },
)

test('a first report that is far off for a moment moves sound by no more than that moment', () => {
  const times = timesOf('opus', [...zeros(10), 30, 30, 30, ...Array<number>(50).fill(8)])
  expect(Math.abs((times.at(-1) ?? 0) - (1_000_000 + 62 * 20))).toBeLessThan(4)
})

test('where sound was missing, what follows is put right', () => {
  const placeOf = createTrackTimes('opus')
  const place = (index: number, errorMs: number) =>
    placeOf({ timestamp: index * 960, capturedAtMs: 1_000_000 + index * 20 + errorMs })
  place(0, 0)
  expect(place(1, 20)).toBeCloseTo(1_000_020, 6)
  expect(place(31, 20)).toBeCloseTo(1_000_640, 6)
})

test('a jump forward is taken at once', () => {
  expect(timesOf('opus', [0, 0, 900]).at(-1)).toBeCloseTo(1_000_940, 6)
})

test('frames that are sent before earlier ones keep their own times', () => {
  const placeOf = createTrackTimes('vp8')
  const times = [0, 3, 1, 2, 4].map((frame) =>
    placeOf({ timestamp: frame * 3_600, capturedAtMs: 1_000_000 + frame * 40 }),
  )
  expect(times.map((time) => Math.round(time - 1_000_000))).toEqual([0, 120, 40, 80, 160])
})
