import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { buffer } from 'node:stream/consumers'

/** Calls come before recordings. */
const niceness = 19
const keptLines = 8

/**
 * Runs ffmpeg at a low priority to its end; what it wrote to its standard output. Fails with the last lines that it wrote of
 * errors, or when the signal is aborted, which kills it.
 */
export function runFfmpeg(args: string[], signal: AbortSignal): Promise<Buffer> {
  return run('ffmpeg', ['-hide_banner', '-nostdin', '-y', '-v', 'error', ...args], signal)
}

/** What ffprobe says of a file, as JSON. */
export async function probe<Result>(args: string[], signal: AbortSignal): Promise<Result> {
  const output = await run('ffprobe', ['-v', 'error', '-of', 'json', ...args], signal)
  return JSON.parse(output.toString()) as Result
}

async function run(program: string, args: string[], signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted()
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' })
  child.once('spawn', () => lowerPriority(child.pid))
  // An abort is told before the process is gone, and its files are free only then.
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const closed = new Promise<string>((resolve) =>
    child.once('close', (code, killedBy) => resolve(String(code ?? killedBy))),
  )
  const [output, errors, end] = await Promise.all([buffer(child.stdout), lastLines(child.stderr), closed])
  if (failure) throw failure
  if (end !== '0') throw new Error(`${program} ended with ${end}: ${errors.join('\n')}`)
  return output
}

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness)
  } catch {
    // It has ended already.
  }
}

/** A damaged file may make ffmpeg say a line for each frame of an hour. */
async function lastLines(stream: AsyncIterable<Buffer>): Promise<string[]> {
  let kept = ''
  for await (const chunk of stream) kept = (kept + chunk.toString()).slice(-4096)
  return kept.trim().split('\n').slice(-keptLines)
}
