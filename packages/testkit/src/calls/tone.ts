/** Frequency of a tone in Hz, a whole number from 100 to 8000: what speech codecs keep. */
export type ToneHz = number

export const sampleRateHz = 48_000
/** Samples that one decision is made of: 50 ms. */
export const windowSamples = sampleRateHz / 20
/** Largest level that counts as silence, of full scale 1: −60 dB. */
export const silenceRms = 0.001

/** One second of a sine at a quarter of full scale, 16-bit mono; repeated end to end it has no seam. */
export function toneSecond(toneHz: ToneHz): Int16Array {
  if (!Number.isInteger(toneHz) || toneHz < 100 || toneHz > 8_000)
    throw new Error(`a tone is a whole number of Hz from 100 to 8000, not ${toneHz}`)
  const radians = (2 * Math.PI * toneHz) / sampleRateHz
  return Int16Array.from({ length: sampleRateHz }, (_, index) =>
    Math.round(8_192 * Math.sin(radians * index)),
  )
}

/** Root mean square of 16-bit samples, of full scale 1. */
export function rms(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length) / 32_768
}

/** Share of the energy of the samples that is at one frequency, 0 to 1 (Goertzel). */
export function shareAt(toneHz: number, samples: Int16Array): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * toneHz) / sampleRateHz)
  let energy = 0
  let last = 0
  let beforeLast = 0
  for (const sample of samples) {
    const next = sample + coefficient * last - beforeLast
    beforeLast = last
    last = next
    energy += sample * sample
  }
  if (energy === 0) return 0
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast
  return (2 * power) / (samples.length * energy)
}

/** Whether the samples are loud, mostly one tone, and that tone is this one and no neighbour. */
export function hasTone(toneHz: ToneHz, samples: Int16Array): boolean {
  if (rms(samples) < 10 * silenceRms) return false
  const share = shareAt(toneHz, samples)
  // Two bins of a window away, where a pure tone leaves almost nothing.
  const stepHz = (2 * sampleRateHz) / samples.length
  const beside = Math.max(shareAt(toneHz - stepHz, samples), shareAt(toneHz + stepHz, samples))
  return share > 0.7 && share > 10 * beside
}
