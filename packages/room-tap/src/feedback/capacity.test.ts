import { expect, test } from 'vitest'
import { createCapacityEstimate, mostBitsPerSecond } from './capacity.ts'

const second = (lostShare: number, receivedBitsPerSecond = 2_000_000) => ({
  receivedBitsPerSecond,
  lostShare,
})

test('losses that repairs make good leave LiveKit free to send its best', () => {
  const capacity = createCapacityEstimate()
  for (let time = 0; time < 600; time++) expect(capacity.next(second(0.05))).toBe(mostBitsPerSecond)
  // A stall of ours is a burst of losses.
  for (const lostShare of [0.9, 0.9, 0]) expect(capacity.next(second(lostShare))).toBe(mostBitsPerSecond)
})

test('a way that goes on losing is asked for less than it carries, and tried again when it has recovered', () => {
  const capacity = createCapacityEstimate()
  let estimate = mostBitsPerSecond
  for (let time = 0; time < 5; time++) estimate = capacity.next(second(0.2))
  expect(estimate).toBeCloseTo(1_800_000, -3)
  for (let time = 0; time < 10; time++) estimate = capacity.next(second(0))
  expect(estimate).toBeGreaterThan(3_000_000)
  for (let time = 0; time < 60; time++) estimate = capacity.next(second(0))
  expect(estimate).toBe(mostBitsPerSecond)
})

test('it never asks for nothing', () => {
  const capacity = createCapacityEstimate()
  for (let time = 0; time < 100; time++) expect(capacity.next(second(1, 0))).toBeGreaterThanOrEqual(300_000)
})
