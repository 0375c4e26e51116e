import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'

/** What ffmpeg or ffprobe writes to its standard output; rejects where it complains of anything. */
export async function run(program: 'ffmpeg' | 'ffprobe', args: string[]): Promise<Buffer> {
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
