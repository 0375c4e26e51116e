import { rms, sampleRateHz, shareAt, type ToneHz } from '../calls/tone.ts'
import { run } from './run.ts'

/** What is heard in a file, from its beginning: 48 000 samples a second, mono. */
export interface Sound {
  readonly samples: Int16Array
  readonly durationMs: number
  between(fromMs: number, untilMs: number): Int16Array
  /** The amplitude of a tone, of full scale 1, in each window of 50 ms that lies within a stretch. */
  levels(toneHz: ToneHz, fromMs: number, untilMs: number): number[]
}

const samplesPerMs = sampleRateHz / 1_000
/** Tones that are multiples of 20 Hz do not disturb each other in it. */
const windowMs = 50

/** Decodes the sound of a file, with silence where its time stamps leave room. */
export async function readSound(file: string): Promise<Sound> {
  const filled = ['-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', String(sampleRateHz)]
  const bytes = await run('ffmpeg', ['-copyts', '-i', file, '-vn', ...filled, '-f', 's16le', 'pipe:1'])
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const between = (fromMs: number, untilMs: number) =>
    samples.subarray(Math.round(fromMs * samplesPerMs), Math.round(untilMs * samplesPerMs))
  return {
    samples,
    durationMs: samples.length / samplesPerMs,
    between,
    levels: (toneHz, fromMs, untilMs) => {
      const levels: number[] = []
      for (let atMs = fromMs; atMs + windowMs <= untilMs; atMs += windowMs)
        levels.push(levelAt(toneHz, between(atMs, atMs + windowMs)))
      return levels
    },
  }
}

/** The amplitude of a tone in samples, of full scale 1. */
export const levelAt = (toneHz: ToneHz, samples: Int16Array): number =>
  rms(samples) * Math.sqrt(2 * shareAt(toneHz, samples))

/** Share of the energy that is none of these tones: next to nothing unless there is a click, a gap or a noise. */
export const shareBeside = (tones: ToneHz[], samples: Int16Array): number =>
  1 - tones.reduce((sum, toneHz) => sum + shareAt(toneHz, samples), 0)
