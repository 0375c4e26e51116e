import { expect, it } from 'vitest'
import { hasTone, rms, shareAt, silenceRms, toneSecond, windowSamples } from './tone.ts'

const window = (toneHz: number) => toneSecond(toneHz).subarray(0, windowSamples)

it('finds a tone and none of its neighbours', () => {
  expect(hasTone(440, window(440))).toBe(true)
  for (const other of [400, 420, 460, 480, 880]) expect(hasTone(other, window(440))).toBe(false)
})

it('finds a tone under noise at a tenth of its level', () => {
  let seed = 1
  const noise = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return (seed / 2_147_483_647 - 0.5) * 1_600
  }
  expect(
    hasTone(
      1_000,
      window(1_000).map((sample) => sample + noise()),
    ),
  ).toBe(true)
})

it('finds no tone in silence, in noise below −40 dB, nor where two tones are alike', () => {
  expect(hasTone(440, new Int16Array(windowSamples))).toBe(false)
  expect(
    hasTone(
      440,
      window(440).map((sample) => sample / 100),
    ),
  ).toBe(false)
  const other = window(700)
  const both = window(440).map((sample, index) => sample + (other[index] ?? 0))
  expect(hasTone(440, both)).toBe(false)
})

it('measures level and share of energy', () => {
  expect(rms(window(1_000))).toBeCloseTo(0.25 / Math.SQRT2, 3)
  expect(shareAt(1_000, window(1_000))).toBeCloseTo(1, 2)
  expect(rms(new Int16Array(windowSamples).fill(20))).toBeLessThan(silenceRms)
})

it('refuses a tone whose second has a seam', () => {
  expect(() => toneSecond(440.5)).toThrow('a tone is a whole number of Hz')
})
