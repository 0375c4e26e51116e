import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '../find-program.ts'
import type { CannedMedia } from './media.ts'

/** Who sends what, with a token for a call. */
export interface CannedCaller {
  url: string
  token: string
  media: CannedMedia
}

/** What a track's sender has sent. */
export interface SentTrack {
  identity: string
  kind: 'audio' | 'video'
  frames: number
}

/** Callers in one process, which costs a hundredth of what it costs to make pictures. */
export interface CannedCallers {
  readonly pid: number
  /** They send nothing more, and stay. */
  stop(): Promise<SentTrack[]>
  leave(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const toolsDirectory = fileURLToPath(new URL('../../../../deploy/tools', import.meta.url))

/** Whether they can be made: they are a program in Go. */
export const hasCannedCallers = (): boolean => findProgram('go') !== undefined

/** Builds the program, which Go does from its own cache from the second time on; resolves to its path. */
export async function buildCannedCallers(directory: string): Promise<string> {
  const program = join(directory, 'canned-callers')
  // As livekit-server is built, so that it shares what is in Go's cache.
  const flags = ['-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', program]
  await promisify(execFile)('go', ['build', ...flags, './canned-callers'], {
    cwd: toolsDirectory,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' },
  })
  return program
}

/** Resolves when all are in and send. */
export async function startCannedCallers(program: string, callers: CannedCaller[]): Promise<CannedCallers> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the callers ended; what they wrote says why')
    return value as string
  }
  const configs = callers.map(({ url, token, media }) => ({
    url,
    token,
    video: media.video,
    sound: media.sound,
  }))
  // What comes of one that has ended is heard where its next line is waited for.
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify(configs)}\n`)
  await nextLine()
  const leave = async () => {
    child.stdin.end()
    await exited
  }
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin.write('stop\n')
      return JSON.parse(await nextLine()) as SentTrack[]
    },
    leave,
    [Symbol.asyncDispose]: leave,
  }
}
