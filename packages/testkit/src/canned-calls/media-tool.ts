import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'

/** An encoded frame in a file. */
export interface Packet {
  atMs: number
  /** Of its bytes. */
  hash: string
}

/** What ffmpeg or ffprobe writes to its standard output; rejects on anything that it complains of. */
export async function runMediaTool(
  program: 'ffmpeg' | 'ffprobe',
  args: string[],
  input?: Uint8Array,
): Promise<Buffer> {
  const quiet = program === 'ffmpeg' ? ['-y', '-v', 'error', ...(input ? [] : ['-nostdin'])] : ['-v', 'error']
  const child = spawn(program, [...quiet, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (code !== 0 || errors) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${errors}`)
  return output
}

/** The frames of a file with one track, in their order. */
export async function readPackets(file: string): Promise<Packet[]> {
  const shown = ['-show_entries', 'packet=pts_time,data_hash', '-show_data_hash', 'md5', '-of', 'json']
  const { packets } = JSON.parse((await runMediaTool('ffprobe', [...shown, file])).toString()) as {
    packets: { pts_time: string; data_hash: string }[]
  }
  return packets.map(({ pts_time, data_hash }) => ({ atMs: Number(pts_time) * 1_000, hash: data_hash }))
}
