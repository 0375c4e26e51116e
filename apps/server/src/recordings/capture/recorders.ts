import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RecorderEvent, RecorderMessage } from '@rtcstack/recorder'
import type { Logger } from 'pino'
import { childEnvironment } from '../../process/child-environment.ts'

/** How a recorder's process ended: what it said last, or that it died without a word. */
export type RecorderEnding = Extract<RecorderEvent, { type: 'ended' | 'failed' }> | { type: 'died' }

/** A process that records one room. */
export interface Recorder {
  readonly pid: number | undefined
  tell(message: RecorderMessage): void
  /** Hears everything that it says. */
  onEvent(hear: (event: RecorderEvent) => void): void
  /** Resolves when its process is gone. */
  readonly ending: Promise<RecorderEnding>
  /** By SIGKILL. */
  kill(): void
}

/** Makes recorders, and keeps one in hand: it begins in a third of the time that a new process takes. */
export interface Recorders {
  take(): Recorder
  close(): Promise<void>
}

const mainFile = fileURLToPath(import.meta.resolve('@rtcstack/recorder/main'))
/** So that the next one does not start while this one does. */
const refillAfterMs = 2_000

export function createRecorders(log: Logger): Recorders {
  let idle: Recorder | undefined
  let isClosed = false
  let refilling: NodeJS.Timeout | undefined

  const refill = () => {
    if (isClosed || idle) return
    const fresh = forkRecorder(log)
    idle = fresh
    void fresh.ending.then(() => {
      if (idle !== fresh) return
      idle = undefined
      refillLater()
    })
  }
  const refillLater = () => {
    clearTimeout(refilling)
    refilling = setTimeout(refill, refillAfterMs)
    refilling.unref()
  }
  refillLater()

  return {
    take: () => {
      const taken = idle ?? forkRecorder(log)
      idle = undefined
      refillLater()
      return taken
    },
    close: async () => {
      isClosed = true
      clearTimeout(refilling)
      idle?.kill()
      await idle?.ending
    },
  }
}

function forkRecorder(log: Logger): Recorder {
  const child = fork(mainFile, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: childEnvironment(),
    execArgv: [],
    // Ctrl-C in a terminal reaches the server, which ends its children in order.
    detached: true,
  })
  let last: RecorderEnding = { type: 'died' }
  let hear: (event: RecorderEvent) => void = () => undefined
  child.on('message', (event: RecorderEvent) => {
    if (event.type === 'ended' || event.type === 'failed') last = event
    hear(event)
  })
  logLines(child, log)
  const ending = new Promise<RecorderEnding>((resolve) => {
    child.once('exit', () => resolve(last))
    child.once('error', (error) => {
      log.warn({ err: error }, 'a recorder did not start')
      if (child.pid === undefined) resolve(last)
    })
  })
  return {
    pid: child.pid,
    // One that has just died is told nothing; its end is heard.
    tell: (message) => void (child.connected && child.send(message, () => undefined)),
    onEvent: (listener) => {
      hear = listener
    },
    ending,
    kill: () => void child.kill('SIGKILL'),
  }
}

function logLines(child: ChildProcess, log: Logger): void {
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) =>
        log.debug({ child: 'recorder', pid: child.pid, line }, 'child output'),
      )
}
