import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import type { TimelineSpan } from '@rtcstack/contract'
import { type Colour, hasTone, look, nameColour, type ToneHz } from '@rtcstack/testkit'

/** One is enough to tell a tone from those 100 Hz beside it. */
const windowMs = 20
const stepMs = 10
/** In a sound that is shorter, there may be no window that it fills. */
export const shortestToneMs = 60
/** A click, as where the publisher had no time to make sound, is no end of a tone. */
const clickMs = 150
/** Encoders leave frames out when they have little time. */
const framesApartMs = 700
const samplesPerMs = 48
const picture = { width: 320, height: 180 }

type KnownSpan = TimelineSpan & { untilMs: number }

/** Where a tone is in a sound file, by its own time stamps. Fails on anything that ffmpeg complains of. */
export async function whereTone(file: string, toneHz: ToneHz): Promise<KnownSpan[]> {
  const resampled = ['-af', 'aresample=async=1:first_pts=0', '-ac', '1']
  const raw = await run('ffmpeg', [
    '-copyts',
    '-c:a',
    'libopus',
    '-i',
    file,
    ...resampled,
    '-f',
    's16le',
    'pipe:1',
  ])
  const samples = new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
  const heardAt: number[] = []
  for (let atMs = 0; (atMs + windowMs) * samplesPerMs <= samples.length; atMs += stepMs)
    if (hasTone(toneHz, samples.subarray(atMs * samplesPerMs, (atMs + windowMs) * samplesPerMs)))
      heardAt.push(atMs)
  return spansOf(heardAt, clickMs, windowMs)
}

/** Where a colour is seen in a video file, by its own time stamps. */
export async function whereColour(file: string, colour: Colour): Promise<KnownSpan[]> {
  const scaled = ['-vf', `scale=${picture.width}:${picture.height}`, '-pix_fmt', 'yuv420p']
  const asSent = [
    '-copyts',
    '-i',
    file,
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '1:90000',
    ...scaled,
    '-f',
    'rawvideo',
    'pipe:1',
  ]
  const [raw, times] = await Promise.all([
    run('ffmpeg', asSent),
    run('ffprobe', ['-show_entries', 'frame=pts_time', '-of', 'csv=p=0', '-i', file]),
  ])
  const timesMs = times
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => Number.parseFloat(line) * 1_000)
  const frameBytes = picture.width * picture.height * 1.5
  if (raw.length !== timesMs.length * frameBytes)
    throw new Error(`${timesMs.length} frames in ${file}, and ${raw.length / frameBytes} decoded`)
  const seenAt = timesMs.filter((_, index) => {
    const data = raw.subarray(index * frameBytes, (index + 1) * frameBytes)
    return nameColour(look({ data, ...picture })) === colour
  })
  return spansOf(seenAt, framesApartMs, 1_000 / 15)
}

function spansOf(times: number[], apartMs: number, lastsMs: number): KnownSpan[] {
  const spans: KnownSpan[] = []
  for (const atMs of times) {
    const last = spans.at(-1)
    if (last && atMs <= last.untilMs - lastsMs + apartMs) last.untilMs = atMs + lastsMs
    else spans.push({ fromMs: atMs, untilMs: atMs + lastsMs })
  }
  return spans
}

async function run(program: string, args: string[]): Promise<Buffer> {
  const quiet = program === 'ffmpeg' ? ['-v', 'error', '-nostdin'] : ['-v', 'error']
  const child = spawn(program, [...quiet, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  if (code !== 0 || errors) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${errors}`)
  return output
}
