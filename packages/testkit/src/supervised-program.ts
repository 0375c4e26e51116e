import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from './eventually.ts'
import { descendantsOf, listProcesses, type RunningProcess, stillRunning } from './processes.ts'
import { within } from './within.ts'

const outputLimitChars = 1_000_000
const stopLimitMs = 20_000
// Children may outlive their parent by the moment it takes them to see that it has gone.
const orphanGraceMs = 500

export interface ProgramOptions {
  /** The program and its arguments. */
  command: [string, ...string[]]
  env: Record<string, string>
  /** Throws or returns false until the program can be used. */
  ready: () => Promise<boolean>
  readyTimeoutMs: number
}

/** A program under test with all processes it starts. Its output is kept over restarts, the last million characters. */
export interface Program {
  readonly pid: number
  readonly running: boolean
  output(): string
  /** Starts it and resolves when it is ready; rejects with the last lines it printed, and nothing is left then. */
  start(): Promise<void>
  /**
   * SIGTERM, SIGKILL after 20 s; resolves to the exit code, null when a signal ended it. Processes that are left are
   * killed, and it rejects for them unless the program had ended before.
   */
  stop(): Promise<number | null>
  /** SIGKILL of the program alone; its children are on their own. */
  kill(): Promise<void>
  /** Ids of everything it started that runs now, orphans of an earlier run included. */
  childPids(): Promise<number[]>
}

/** Describes a program; nothing runs before `start`. */
export function superviseProgram({ command, env, ready, readyTimeoutMs }: ProgramOptions): Program {
  let child: ChildProcess | undefined
  let output = ''
  const family = createFamily()
  const isRunning = () => child?.pid !== undefined && child.exitCode === null && child.signalCode === null
  const familyNow = () => family.running(isRunning() ? child?.pid : undefined)

  const signalAndWait = async (signal: NodeJS.Signals) => {
    if (!child || !isRunning()) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const killAll = async () => {
    await familyNow()
    await signalAndWait('SIGKILL')
    for (const pid of await familyNow()) killPid(pid)
  }
  const launch = () => {
    const [file, ...args] = command
    const started = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (text: unknown) => {
      output = `${output}${text}`.slice(-outputLimitChars)
    }
    started.stdout.setEncoding('utf8').on('data', keep)
    started.stderr.setEncoding('utf8').on('data', keep)
    started.on('error', keep)
    return started
  }

  return {
    get pid() {
      if (!child?.pid) throw new Error('the program has not been started')
      return child.pid
    },
    get running() {
      return isRunning()
    },
    output: () => output,
    start: async () => {
      if (isRunning()) throw new Error('the program runs already')
      const started = launch()
      child = started
      const closed = once(started, 'close').catch(() => undefined)
      try {
        const probe = () => !isRunning() || ready()
        await eventually(probe, { timeoutMs: readyTimeoutMs, message: 'readiness' })
        if (!isRunning()) throw new Error(`it ended with ${started.exitCode ?? started.signalCode}`)
        await familyNow()
      } catch (error) {
        await killAll()
        await within(1_000, 'the end of its output', () => closed).catch(() => undefined)
        const reason = `${command.at(-1)} did not start: ${(error as Error).message}`
        throw new Error(`${reason}\n${lastLines(output)}`, { cause: error })
      }
    },
    stop: async () => {
      if (!child) return null
      const crashed = !isRunning()
      await familyNow()
      const ending = signalAndWait('SIGTERM')
      await within(stopLimitMs, 'stopping', () => ending).catch(() => killAll())
      const left = await stragglers(familyNow)
      for (const pid of left) killPid(pid)
      if (left.length > 0 && !crashed)
        throw new Error(`${command.at(-1)} left processes behind: ${left.join(', ')}\n${lastLines(output)}`)
      return child.exitCode
    },
    kill: async () => {
      await familyNow()
      await signalAndWait('SIGKILL')
    },
    childPids: familyNow,
  }
}

// Remembers descendants, because a process whose parent has gone can no longer be found by its ancestry.
function createFamily() {
  const known = new Map<string, RunningProcess>()
  return {
    running: async (pid: number | undefined) => {
      const processes = await listProcesses()
      const born = pid === undefined ? [] : descendantsOf(pid, processes)
      for (const process of born) known.set(`${process.pid} ${process.startedAt}`, process)
      return stillRunning(known.values(), processes).map((process) => process.pid)
    },
  }
}

async function stragglers(familyNow: () => Promise<number[]>): Promise<number[]> {
  let left: number[] = []
  const noneLeft = async () => {
    left = await familyNow()
    return left.length === 0
  }
  await eventually(noneLeft, { timeoutMs: orphanGraceMs }).catch(() => undefined)
  return left
}

const lastLines = (text: string) => text.trimEnd().split('\n').slice(-25).join('\n')

function killPid(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
