import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'

/** A program of ours that runs beside a test; disposing of it ends it. */
export interface RunningProgram {
  /** What it has printed so far. */
  readonly out: string
  /** What it has said on its standard error. */
  readonly err: string
  /** Resolves when one of the two has this in it. */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Reads no more of what it prints. */
  closeOutput(): void
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  [Symbol.asyncDispose](): Promise<void>
}

const root = join(import.meta.dirname, '..')

/** Starts a file of this repository with no more of the environment than it is given. */
export function startProgram(file: string, argv: string[], env: Record<string, string>): RunningProgram {
  const child = spawn(process.execPath, [join(root, file), ...argv], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null)
  return {
    get out() {
      return said.out
    },
    get err() {
      return said.err
    },
    says: async (text, timeoutMs = 10_000) => {
      const has = (some: string) => (typeof text === 'string' ? some.includes(text) : text.test(some))
      await eventually(() => has(said.out) || has(said.err), {
        timeoutMs,
        message: `${file} saying ${text}`,
      }).catch((error) => {
        throw new Error(`${error.message}\n${said.out}${said.err}`)
      })
    },
    kill: (signal) => void child.kill(signal),
    closeOutput: () => void child.stdout.destroy(),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs `rtcstack` against a server. */
export const startCli = (server: { url: string; apiSecret: string }, ...argv: string[]): RunningProgram =>
  startProgram('apps/cli/src/main.ts', argv, { RTCSTACK_URL: server.url, API_SECRET: server.apiSecret })
