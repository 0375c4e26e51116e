import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { hasCannedCallers, type RunningServer, recordRooms } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { recorders } from '../children.ts'
import { useServer } from '../product.ts'

const product = useServer()
const minutes = Number(process.env.RECORDED_MINUTES ?? 3)
const sampleEveryMs = 2_000
/** Joining, and finding out how fast the ways are, cost more. */
const settledMs = 20_000

interface Usage {
  atMs: number
  megabytes: number
  cpuMs: number
}

/** Of all recorders, of which one has nothing to do. */
async function usageOf(server: RunningServer): Promise<Usage> {
  const usage = { atMs: performance.now(), megabytes: 0, cpuMs: 0 }
  for (const pid of await recorders(server)) {
    const [status, stat] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    usage.megabytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // In ticks of 10 ms, in the program and in the system.
    usage.cpuMs += (Number(fields[11]) + Number(fields[12])) * 10
  }
  return usage
}

const coresOf = (samples: Usage[]) => {
  const [first, last] = [samples[0], samples.at(-1)]
  return ((last?.cpuMs ?? 0) - (first?.cpuMs ?? 0)) / ((last?.atMs ?? 0) - (first?.atMs ?? 0))
}
const megabytesOf = (samples: Usage[]) => Math.max(...samples.map(({ megabytes }) => megabytes))

test.skipIf(!hasCannedCallers())(
  'a recording that goes on for long costs no more from minute to minute, and keeps every frame',
  { timeout: 120_000 + minutes * 90_000 },
  async () => {
    const { server } = product
    const seconds = minutes * 60
    const samples: Usage[] = []
    const { faults } = await recordRooms(server, {
      rooms: 1,
      callers: 4,
      seconds,
      meanwhile: async () => {
        await pause(settledMs)
        const untilMs = performance.now() + seconds * 1_000 - 1.5 * settledMs
        while (performance.now() < untilMs) {
          samples.push(await usageOf(server))
          await pause(sampleEveryMs)
        }
      },
    })
    expect(faults).toEqual([])
    const third = Math.floor(samples.length / 3)
    const [first, last] = [samples.slice(0, third), samples.slice(-third)]
    const told = `${coresOf(first)} core and ${megabytesOf(first)} MB, then ${coresOf(last)} core and ${megabytesOf(last)} MB`
    expect(coresOf(last), told).toBeLessThan(coresOf(first) * 1.25)
    expect(megabytesOf(last), told).toBeLessThan(megabytesOf(first) * 1.1)
  },
)
