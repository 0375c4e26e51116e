import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A process that runs. `startedAt` tells it from a later one with the same id. */
export interface RunningProcess {
  pid: number
  parentPid: number
  startedAt: string
}

/** The processes of this machine, without those that have ended and wait to be collected. */
export const listProcesses = (): Promise<RunningProcess[]> =>
  existsSync('/proc/self/stat') ? fromProc() : fromPs()

/** Children, grandchildren and so on of a process; itself is left out. */
export function descendantsOf(pid: number, processes: RunningProcess[]): RunningProcess[] {
  const children = processes.filter((candidate) => candidate.parentPid === pid)
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)])
}

/** Those of `known` that still run. */
export function stillRunning(known: Iterable<RunningProcess>, processes: RunningProcess[]): RunningProcess[] {
  const startOf = new Map(processes.map(({ pid, startedAt }) => [pid, startedAt]))
  return [...known].filter(({ pid, startedAt }) => startOf.get(pid) === startedAt)
}

async function fromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')))
  return lines.flatMap((line) => {
    // The command is in parentheses and may hold spaces; state is the first field after it, start the 20th.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    const [state, parentPid] = fields
    if (line === '' || state === 'Z' || state === 'X') return []
    return { pid: Number.parseInt(line, 10), parentPid: Number(parentPid), startedAt: fields[19] ?? '' }
  })
}

async function fromPs(): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='])
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parentPid, state, startedAt] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? []
    if (!startedAt || state?.startsWith('Z')) return []
    return { pid: Number(pid), parentPid: Number(parentPid), startedAt }
  })
}
