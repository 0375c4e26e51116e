import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TimelinePart } from '@rtcstack/contract'

/** What ffmpeg writes to its standard output. */
export async function ffmpeg(args: string[]): Promise<Buffer> {
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([buffer(child.stdout), once(child, 'close')])
  if (code !== 0) throw new Error(`ffmpeg ${args.join(' ')} ended with ${code}`)
  return output
}

interface Stretch {
  directory: string
  file: string
  fromMs: number
  untilMs: number
}

/** A file of VP8 as a recorder leaves it: no index, and time stamps that count from the recording's start. `source` is a filter of ffmpeg's. */
export async function writeVideo(stretch: Stretch, source: string): Promise<TimelinePart> {
  const codec = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-g', '60']
  return write(stretch, source, [...codec, '-f', 'webm'], { codec: 'vp8', mediaType: 'video/webm' })
}

/** A file of Opus, likewise. */
export async function writeSound(stretch: Stretch, source: string): Promise<TimelinePart> {
  const codec = ['-c:a', 'libopus', '-b:a', '32k', '-f', 'ogg']
  return write(stretch, source, codec, { codec: 'opus', mediaType: 'audio/ogg' })
}

async function write(
  { directory, file, fromMs, untilMs }: Stretch,
  source: string,
  codec: string[],
  kind: { codec: string; mediaType: string },
): Promise<TimelinePart> {
  const lengthSeconds = String((untilMs - fromMs) / 1000)
  const times = ['-t', lengthSeconds, '-output_ts_offset', String(fromMs / 1000)]
  const bytes = await ffmpeg(['-f', 'lavfi', '-i', source, ...times, ...codec, 'pipe:1'])
  const path = join(directory, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  return { file, ...kind, sizeBytes: bytes.length, fromMs, untilMs }
}

/** A colour with a box that moves over it. */
export const movingBox = (colour: string, size = '640x360', rate = 15) =>
  `color=${colour}:s=${size}:r=${rate}[c];color=gray:s=32x32:r=${rate}[b];[c][b]overlay=x='mod(t*60,W-32)':y=40,format=yuv420p`

export const tone = (hz: number) => `aevalsrc='0.25*sin(2*PI*${hz}*t)':s=48000`

/** A file's sound as 16-bit samples at 48 kHz, mono. */
export async function soundOf(file: string): Promise<Int16Array> {
  const bytes = await ffmpeg(['-i', file, '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'])
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1)
}

/** One frame of a file as packed RGB. */
export const frameAt = (file: string, ms: number) =>
  ffmpeg([
    '-ss',
    String(ms / 1000),
    '-i',
    file,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    'pipe:1',
  ])
