import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { RunningServer } from '@rtcstack/testkit'

const settleMs = 5000

/** Memory of the idle tree in MB: proportional set sizes, so that what processes share counts once. Linux only. */
export async function measureMemory(server: RunningServer) {
  await pause(settleMs)
  const children = await server.childPids()
  const serverMegabytes = await proportionalSize(server.pid)
  const childMegabytes = await Promise.all(children.map(proportionalSize))
  const total = childMegabytes.reduce((sum, part) => sum + part, serverMegabytes)
  return {
    serverMegabytes: Math.round(serverMegabytes),
    totalMegabytes: Math.round(total),
    processes: children.length + 1,
  }
}

async function proportionalSize(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024
}
