import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RunningServer } from '@rtcstack/testkit'
import { clientOf } from '../product.ts'

/** What is in a recording's file, decoded to its end. */
export interface Film {
  durationMs: number
  /** How long the tone is not heard, from the first time that it is. */
  silentMs: number
  /** The longest stretch of it. */
  longestSilenceMs: number
  /** The ground colour of so many pictures, of two a second, has the first caller in it. */
  pictures: number
}

const windowMs = 100
const sampleRateHz = 8_000
/** A tone of the calls is at −20 dB or so. */
const leastLevel = 500

/** Downloads the MP4 of a recording and decodes all of it: what is damaged throws. */
export async function watch(server: RunningServer, recordingId: string): Promise<Film> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcstack-film-'))
  try {
    const file = join(folder, 'film.mp4')
    await writeFile(file, await download(server, recordingId))
    const strictly = ['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', file]
    const sound = await ffmpeg([
      ...strictly,
      '-map',
      '0:a',
      '-ac',
      '1',
      '-ar',
      `${sampleRateHz}`,
      '-f',
      's16le',
      '-',
    ])
    const frames = await ffmpeg([
      ...strictly,
      '-map',
      '0:v',
      '-vf',
      'fps=2,scale=16:9',
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      '-',
    ])
    const levels = levelsOf(sound)
    const heard = levels.slice(levels.findIndex((level) => level >= leastLevel))
    const silences = heard
      .map((level) => (level < leastLevel ? 's' : 't'))
      .join('')
      .match(/s+/g)
    const lengths = (silences ?? []).map(({ length }) => length * windowMs)
    return {
      durationMs: (sound.length / 2 / sampleRateHz) * 1000,
      silentMs: lengths.reduce((sum, length) => sum + length, 0),
      longestSilenceMs: Math.max(0, ...lengths),
      pictures: picturesWithRed(frames),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function download(server: RunningServer, recordingId: string): Promise<Buffer> {
  const { url } = await clientOf(server).recordings.link(recordingId)
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`the file was answered with ${answer.status}`)
  return Buffer.from(await answer.arrayBuffer())
}

async function ffmpeg(args: string[]): Promise<Buffer> {
  const run = promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 28 })
  const { stdout, stderr } = await run
  if (stderr.length > 0) throw new Error(`the file is damaged: ${stderr}`)
  return stdout
}

/** The loudest sample of each tenth of a second. */
function levelsOf(sound: Buffer): number[] {
  const samples = (sampleRateHz * windowMs) / 1000
  const levels: number[] = []
  for (let at = 0; (at + samples) * 2 <= sound.length; at += samples) {
    let loudest = 0
    for (let sample = at; sample < at + samples; sample++)
      loudest = Math.max(loudest, Math.abs(sound.readInt16LE(sample * 2)))
    levels.push(loudest)
  }
  return levels
}

const pictureBytes = 16 * 9 * 3

function picturesWithRed(frames: Buffer): number {
  let count = 0
  for (let at = 0; at + pictureBytes <= frames.length; at += pictureBytes) {
    const picture = frames.subarray(at, at + pictureBytes)
    let red = 0
    for (let pixel = 0; pixel < pictureBytes; pixel += 3) {
      const [r = 0, g = 0, b = 0] = picture.subarray(pixel, pixel + 3)
      if (r > 120 && r > 2 * g && r > 2 * b) red++
    }
    if (red >= 8) count++
  }
  return count
}
