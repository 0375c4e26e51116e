import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const pollMs = 20

/** Whether a process with this id is there; one that has ended counts until its parent has taken notice. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The command line of a process on one line, its words parted by blanks; '' when there is none. */
export async function commandLineOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replace(/[\0\s]+/g, ' ').trim()
  } catch {
    // No /proc (macOS), or no such process.
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }))
    return stdout.trim()
  }
}

/** Resolves true when the process has gone, false when the time is over first. */
export async function waitUntilGone(pid: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs
  while (isAlive(pid) && (await commandLineOf(pid)) !== '') {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return true
}

export interface OrphanOptions {
  /** Where the pid was written by the process that started it. */
  pidFile: string
  /** A text that its command line holds: pids are used again, and a stranger must not be ended. */
  marker: string
  /** Signals to try in turn, each for up to `limitMs`. */
  signals: NodeJS.Signals[]
  limitMs: number
}

/** Ends a child that a killed parent of ours left behind; resolves to its pid, or undefined where there was none. */
export async function endOrphan({
  pidFile,
  marker,
  signals,
  limitMs,
}: OrphanOptions): Promise<number | undefined> {
  const pid = await readPid(pidFile)
  if (pid === undefined) return undefined
  const ours = (await commandLineOf(pid)).includes(marker)
  for (const signal of ours ? signals : []) {
    kill(pid, signal)
    if (await waitUntilGone(pid, limitMs)) break
  }
  await rm(pidFile, { force: true })
  return ours ? pid : undefined
}

/** Sends a signal; a process that has gone is no error. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The pid in a file's first line, or undefined. */
export async function readPid(pidFile: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n', 1)[0])
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

/** Writes a pid for the next start to find. */
export const writePid = (pidFile: string, pid: number) => writeFile(pidFile, `${pid}\n`, { mode: 0o600 })
