import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { decodePictures, decodeSound, picture, samplesPerMs } from './decode.ts'

const stepMs = 2
/** Of full scale: noise is far above it, and silence far below. */
const loud = 3_000
/** How far brightness is from grey, on the average, when half of the picture is flashed white and half black. */
const flashed = 40
const grey = 128

/** When the claps of a room-tap clapper begin, heard and seen in the files of a recording, by its own clock. */
export async function whereClaps(directory: string, { tracks }: Timeline) {
  const heard: number[] = []
  const seen: number[] = []
  for (const { kind, parts } of tracks)
    for (const { file, fromMs } of parts) {
      const path = join(directory, file)
      if (kind === 'audio') heard.push(...beginnings(loudness(await decodeSound(path), fromMs)))
      else seen.push(...beginnings(contrast(await decodePictures(path))))
    }
  return { heard, seen }
}

interface Moment {
  atMs: number
  isClap: boolean
}

/** The first of each row of claps, but for one that a file begins with: that one may have begun earlier. */
const beginnings = (moments: Moment[]) =>
  moments.flatMap(({ atMs, isClap }, index) => (isClap && moments[index - 1]?.isClap === false ? [atMs] : []))

function loudness(samples: Int16Array, fromMs: number): Moment[] {
  const moments: Moment[] = []
  const step = stepMs * samplesPerMs
  for (let at = Math.ceil(fromMs) * samplesPerMs; at + step <= samples.length; at += step) {
    const isClap = samples.subarray(at, at + step).some((sample) => Math.abs(sample) > loud)
    moments.push({ atMs: at / samplesPerMs, isClap })
  }
  return moments
}

function contrast(pictures: { atMs: number; data: Buffer }[]): Moment[] {
  const pixels = picture.width * picture.height
  return pictures.map(({ atMs, data }) => {
    const brightness = data.subarray(0, pixels)
    const sum = brightness.reduce((total, one) => total + Math.abs(one - grey), 0)
    return { atMs, isClap: sum / pixels > flashed }
  })
}
