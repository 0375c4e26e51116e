import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameSamples, planSound, samplesPerMs } from './sound-plan.ts'
import { sourceSpan } from './source-span.ts'
import { spansOf } from './testing/chunks.ts'

const frameMs = frameSamples / samplesPerMs
const lengths = fc.integer({ min: 1, max: 600_000 })
const chunkLengths = fc.integer({ min: 4_000, max: 60_000 })
const starts = fc.integer({ min: 0, max: 3_600_000 })

test('chunks hold every frame once, each after a second of others or from the start', () => {
  fc.assert(
    fc.property(lengths, chunkLengths, starts, (durationMs, chunkMs, startMs) => {
      let frames = 0
      for (const { fromMs, untilMs, ...ends } of spansOf(durationMs, chunkMs)) {
        const span = { fromMs: fromMs + startMs, untilMs: untilMs + startMs, ...ends }
        const plan = planSound({ ...span, startMs })
        // The frame that an encoder begins with, counted from the recording's start.
        const begins = (plan.fromMs - startMs) / frameMs
        expect(Math.abs(begins - Math.round(begins))).toBeLessThan(1e-6)
        expect(Math.round(begins) + plan.skip).toBe(frames)
        expect(plan.skip * frameMs).toBeGreaterThanOrEqual(Math.min(1_000, frames * frameMs - 1e-6))
        expect(plan.untilMs).toBeLessThanOrEqual(span.untilMs + 1 / samplesPerMs)
        frames += plan.keep
      }
      expect(frames).toBe(Number.POSITIVE_INFINITY)
    }),
  )
})

test('a border of sound lies half a second before that of the pictures', () => {
  const [first, second] = spansOf(60_000, 30_000).map(planSound)
  const borderMs = (first?.keep ?? 0) * frameMs
  expect(borderMs).toBeGreaterThan(29_470)
  expect(borderMs).toBeLessThanOrEqual(29_500)
  expect(first?.fromMs).toBe(0)
  expect(second?.untilMs).toBe(60_000)
})

test('a chunk needs what is some seconds before it, and nothing after it', () => {
  const [first, second] = spansOf(60_000, 30_000).map(sourceSpan)
  expect(first).toEqual({ fromMs: 0, untilMs: 30_000 })
  expect(second?.untilMs).toBe(60_000)
  expect(second?.fromMs).toBeGreaterThan(27_000)
  expect(second?.fromMs).toBeLessThan(28_000)
})
