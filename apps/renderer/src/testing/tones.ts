import { shareAt } from '@rtcstack/testkit'

/** Mean square of what an encoder leaves of a silence. */
const silence = 100

/** Share of the energy of samples at 48 kHz that is at one frequency, 0 to 1; what is left of a silence is no tone. */
export function shareOf(toneHz: number, samples: Int16Array): number {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0)
  return energy / samples.length < silence ? 0 : shareAt(toneHz, samples)
}

/** The largest step from one sample to the next. */
export function largestStep(samples: Int16Array): number {
  let largest = 0
  for (let index = 1; index < samples.length; index++)
    largest = Math.max(largest, Math.abs((samples[index] ?? 0) - (samples[index - 1] ?? 0)))
  return largest
}

/** The largest distance from silence. */
export const peakOf = (samples: Int16Array) =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
