import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'
import { endOrphan, kill, writePid } from './orphan.ts'

/** What to run; asked for again at each start. */
export interface Command {
  file: string
  args: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  uid?: number
  gid?: number
}

export interface SuperviseOptions {
  /** For logs and errors. */
  name: string
  command: () => Command | Promise<Command>
  /** Keeps the child's pid, so that the next start can end it when this process is killed. */
  pidFile: string
  /** A text that the child's command line holds, such as the path of its configuration. */
  marker: string
  /** Resolves when the child serves; asked after each start, until the signal aborts. */
  ready: (signal: AbortSignal) => Promise<void>
  readyTimeoutMs: number
  stopSignal: NodeJS.Signals
  /** After this long, SIGKILL. */
  stopTimeoutMs: number
  log: Logger
  /** Gives up a start that is under way, and restarts nothing from then on. */
  signal?: AbortSignal | undefined
}

/** A child program that is kept running. */
export interface SupervisedProcess {
  /** True while the child lives and has been ready. */
  readonly running: boolean
  readonly pid: number | undefined
  /** Ends the child for good. Idempotent; never rejects. */
  close(): Promise<void>
}

const firstBackoffMs = 250
const lastBackoffMs = 10_000
/** A child that lived this long starts again without a growing pause. */
const healthyMs = 30_000
const keptLines = 20

/**
 * Starts a child program and starts it again, with growing pauses, whenever it ends. Resolves when it is ready for the
 * first time; rejects with its last lines when it is not.
 */
export async function supervise(options: SuperviseOptions): Promise<SupervisedProcess> {
  const { name, pidFile, marker, stopSignal, stopTimeoutMs, log } = options
  const closing = new AbortController()
  options.signal?.addEventListener('abort', () => closing.abort(), { once: true })
  if (options.signal?.aborted) closing.abort()
  let child: ChildProcess | undefined
  let running = false

  async function startOnce(): Promise<ChildProcess> {
    const started = await launch(options)
    child = started.child
    running = false
    try {
      if (started.child.pid !== undefined) await writePid(pidFile, started.child.pid)
      await untilReady(options, started, closing.signal)
    } catch (error) {
      await end(started.child, stopSignal, stopTimeoutMs)
      throw error
    }
    running = true
    return started.child
  }

  async function keepRunning(first: ChildProcess): Promise<void> {
    let current = first
    let pauseMs = firstBackoffMs
    while (!closing.signal.aborted) {
      const startedAt = performance.now()
      await exited(current)
      running = false
      if (closing.signal.aborted) return
      pauseMs = performance.now() - startedAt > healthyMs ? firstBackoffMs : pauseMs
      log.warn(
        { child: name, code: current.exitCode, signal: current.signalCode, pauseMs },
        'a child ended; starting it again',
      )
      await pause(pauseMs, closing.signal)
      pauseMs = Math.min(pauseMs * 2, lastBackoffMs)
      if (closing.signal.aborted) return
      current = await startOnce().catch((error: unknown) => {
        if (!closing.signal.aborted) log.error({ child: name, err: error }, 'a child did not start')
        return child ?? current
      })
    }
  }

  const orphan = await endOrphan({
    pidFile,
    marker,
    signals: [stopSignal, 'SIGKILL'],
    limitMs: stopTimeoutMs,
  })
  if (orphan !== undefined)
    log.info({ child: name, pid: orphan }, 'ended a child that a killed server had left')
  const keeping = keepRunning(await startOnce())

  /** A start that is under way gives up by itself, ending its child; what lives after that is the child we know. */
  async function close(): Promise<void> {
    closing.abort()
    if (child) await end(child, stopSignal, stopTimeoutMs)
    await keeping
    await rm(pidFile, { force: true }).catch(() => undefined)
  }
  let closed: Promise<void> | undefined

  return {
    get running() {
      return running
    },
    get pid() {
      return child?.pid
    },
    close() {
      closed ??= close()
      return closed
    },
  }
}

interface Launched {
  child: ChildProcess
  /** Its last lines, for the error when it does not start. */
  lines: string[]
  failed: Promise<never>
}

async function launch({ name, command, log }: SuperviseOptions): Promise<Launched> {
  const { file, args, ...place } = await command()
  // A process group of its own: Ctrl-C in a terminal reaches the parent, which ends its children in order.
  const child = spawn(file, args, { ...place, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      log.debug({ child: name, line }, 'child output')
    })
  }
  const failed = Promise.race([
    once(child, 'error').then(([error]) => Promise.reject(error)),
    once(child, 'close').then(() =>
      Promise.reject(new Error(`${name} ended at its start:\n${lines.join('\n')}`)),
    ),
  ]) as Promise<never>
  failed.catch(() => undefined)
  return { child, lines, failed }
}

async function untilReady(
  options: SuperviseOptions,
  { failed, lines }: Launched,
  closing: AbortSignal,
): Promise<void> {
  closing.throwIfAborted()
  const { name, readyTimeoutMs } = options
  const signal = AbortSignal.any([AbortSignal.timeout(readyTimeoutMs), closing])
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      const reason = closing.aborted ? 'was told to end' : `was not ready after ${readyTimeoutMs} ms`
      reject(new Error(`${name} ${reason}:\n${lines.join('\n')}`))
    })
  })
  await Promise.race([options.ready(signal), failed, aborted])
}

const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined

async function exited(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit')
}

/** Signals the child, and after the limit kills its whole group. */
async function end(child: ChildProcess, signal: NodeJS.Signals, limitMs: number): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return
  const timer = setTimeout(() => kill(-(child.pid as number), 'SIGKILL'), limitMs)
  kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal)
  await exited(child)
  clearTimeout(timer)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
