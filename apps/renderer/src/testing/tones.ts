/** Share of the energy of samples at 48 kHz that is at one frequency, 0 to 1 (Goertzel). */
export function shareOf(toneHz: number, samples: Int16Array): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * toneHz) / 48_000)
  let energy = 0
  let last = 0
  let beforeLast = 0
  for (const sample of samples) {
    const next = sample + coefficient * last - beforeLast
    beforeLast = last
    last = next
    energy += sample * sample
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast
  // What the encoder leaves of a silence is no tone.
  return energy / samples.length < 100 ? 0 : (2 * power) / (samples.length * energy)
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
