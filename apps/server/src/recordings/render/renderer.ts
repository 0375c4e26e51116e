import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JobMessage, JoinResult, RendererMessage } from '@rtcstack/renderer'
import type { Logger } from 'pino'
import { childEnvironment } from '../../process/child-environment.ts'
import { kill } from '../../process/orphan.ts'

export type RenderJobMessage = Exclude<JobMessage, { type: 'cancel' }>

interface RunOptions {
  signal: AbortSignal
  /** From 0 to 1. */
  onProgress(progress: number): void
  log: Logger
}

const mainFile = fileURLToPath(import.meta.resolve('@rtcstack/renderer/main'))
/** After the message to give up, SIGKILL. */
const cancelLimitMs = 3_000

/** Has a child process make something; rejects with what it says went wrong, and when the signal aborts. */
export async function runRenderer(
  message: RenderJobMessage,
  { signal, onProgress, log }: RunOptions,
): Promise<JoinResult> {
  signal.throwIfAborted()
  const child = fork(mainFile, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: childEnvironment(),
    execArgv: [],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) =>
        log.debug({ child: 'renderer', pid: child.pid, line }, 'child output'),
      )
  let killing: NodeJS.Timeout | undefined
  const cancel = () => {
    if (child.connected) child.send({ type: 'cancel' } satisfies JobMessage, () => undefined)
    // With the ffmpeg processes that it has started.
    killing = setTimeout(() => child.pid && kill(-child.pid, 'SIGKILL'), cancelLimitMs)
  }
  signal.addEventListener('abort', cancel, { once: true })
  let outcome: Extract<RendererMessage, { type: 'done' | 'failed' }> | undefined
  child.on('message', (said: RendererMessage) => {
    if (said.type === 'progress') onProgress(said.progress)
    else outcome = said
  })
  child.send(message, () => undefined)
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, killedBy) => resolve(String(killedBy ?? code)))
  })
  // Killed by somebody else, it leaves its ffmpeg processes at work.
  if (child.pid) kill(-child.pid, 'SIGKILL')
  signal.removeEventListener('abort', cancel)
  clearTimeout(killing)
  signal.throwIfAborted()
  if (outcome?.type === 'done') return outcome.result
  throw new Error(outcome?.reason ?? `the renderer ended with ${end}`)
}
