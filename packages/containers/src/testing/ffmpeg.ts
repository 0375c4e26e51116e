import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'

/** Runs ffmpeg with a file's bytes as its input, if any; what it writes to its standard output. Fails when it does, or says an error. */
export async function ffmpeg(args: string[], input?: Buffer): Promise<Buffer> {
  const { output, errors, code } = await run('ffmpeg', ['-v', 'error', '-nostdin', ...args], input)
  if (code !== 0 || errors) throw new Error(`ffmpeg ${args.join(' ')} ended with ${code}:\n${errors}`)
  return output
}

/** As ffmpeg, where errors on the way are expected: what it made in spite of them. */
export async function ffmpegWithErrors(args: string[], input: Buffer) {
  return run('ffmpeg', ['-v', 'error', '-nostdin', ...args], input)
}

export interface Decoded {
  timeMs: number
  bytes: number
  hash: string
}

/** The frames that a decoder makes of the only track of a file, each in its own size. `decoder` is ffmpeg's own choice by default. */
export async function decodeFrames(file: Buffer, decoder?: string): Promise<Decoded[]> {
  const choice = decoder ? ['-c:v', decoder] : []
  return parseHashes(
    await ffmpeg(
      [...choice, '-copyts', '-i', 'pipe:0', '-vsync', 'passthrough', '-autoscale', '0', ...hashes],
      file,
    ),
  )
}

/** Arguments that print a line for each decoded frame. */
export const hashes = ['-enc_time_base', '1:90000', '-f', 'framemd5', 'pipe:1']

export function parseHashes(output: Buffer): Decoded[] {
  const lines = output.toString('latin1').split('\n')
  const base = lines.find((line) => line.startsWith('#tb 0:'))?.match(/(\d+)\/(\d+)/)
  const tickMs = base ? (1000 * Number(base[1])) / Number(base[2]) : 1
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, , pts, , bytes, hash = ''] = line.split(',').map((field) => field.trim())
      return { timeMs: Number(pts) * tickMs, bytes: Number(bytes), hash }
    })
}

/** Sound as 16-bit samples at 48 kHz, with silence where the file's time stamps leave room, from time 0. */
export async function decodeSound(file: Buffer, channels = 1, decoder = 'libopus'): Promise<Int16Array> {
  const args = [
    '-copyts',
    '-c:a',
    decoder,
    '-i',
    'pipe:0',
    '-af',
    'aresample=async=1:first_pts=0',
    '-ac',
    String(channels),
  ]
  const raw = await ffmpeg([...args, '-f', 's16le', 'pipe:1'], file)
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
}

export interface ProbedPacket {
  timeMs: number
  isKey: boolean
  bytes: number
}

/** The packets that ffprobe finds in a file. */
export async function probePackets(file: Buffer): Promise<ProbedPacket[]> {
  const show = ['-show_entries', 'packet=pts_time,size,flags', '-of', 'csv=p=0']
  const { output, errors, code } = await run('ffprobe', ['-v', 'error', ...show, '-i', 'pipe:0'], file)
  if (code !== 0 || errors) throw new Error(`ffprobe ended with ${code}:\n${errors}`)
  return output
    .toString('latin1')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [seconds, bytes, flags = ''] = line.split(',')
      return { timeMs: Number(seconds) * 1000, bytes: Number(bytes), isKey: flags.startsWith('K') }
    })
}

async function run(program: string, args: string[], input?: Buffer) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  // A program that has seen enough closes its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { output, errors: errors.trim(), code }
}
