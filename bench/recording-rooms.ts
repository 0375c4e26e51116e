import { readFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { type RunningServer, recordRooms } from '@rtcstack/testkit'
import type { Benchmark } from './benchmark.ts'
import { cpuMs } from './cpu.ts'
import { measureLoad } from './load.ts'

const rooms = Number(process.env.BENCH_ROOMS ?? 20)
const callers = Number(process.env.BENCH_ROOMS_CALLERS ?? 4)
const seconds = Number(process.env.BENCH_ROOMS_SECONDS ?? 60)
const mostP99Ms = 50
/** Of each of two kinds of requests. */
const requestsPerSecond = 10
const loadConnections = 2

/** Many rooms recorded at once, all of whose files are compared with what was sent, and the API meanwhile. Linux only. */
export const recordingRoomsBenchmark: Benchmark = {
  name: 'recording-rooms',
  bound: `every frame kept, every file right, p99 of the API ≤ ${mostP99Ms} ms`,
  run: async (server) => {
    const { faults, ...figures } = await measureRooms(server)
    for (const fault of faults.slice(0, 20)) console.log(fault)
    return { figures, met: faults.length === 0 && figures.p99Ms <= mostP99Ms }
  },
}

async function measureRooms(server: RunningServer) {
  let during: Awaited<ReturnType<typeof measureApi>> | undefined
  const { faults, startsMs, readyMs, frames } = await recordRooms(server, {
    rooms,
    callers,
    seconds,
    meanwhile: async (callersPid) => {
      during = await measureApi(server, callersPid)
    },
  })
  if (!during) throw new Error('nothing was measured')
  return {
    faults,
    wrong: faults.length,
    keptFrames: frames.kept,
    sentFrames: frames.sent,
    slowestStartMs: Math.round(Math.max(...startsMs)),
    readyMs: Math.round(readyMs),
    ...during,
    rooms,
    seconds,
  }
}

/** Answers of the API and who takes how much of a core, for nearly as long as is recorded. */
async function measureApi(server: RunningServer, callersPid: number) {
  const pace = {
    perSecond: requestsPerSecond,
    seconds: Math.max(5, seconds - 5),
    connections: loadConnections,
  }
  const startedAtMs = performance.now()
  const before = await usage(server, callersPid)
  const [recording, token] = await Promise.all([
    measureLoad(server, { method: 'GET', path: '/v1/rooms/room-0/recording' }, pace),
    measureLoad(
      server,
      {
        method: 'POST',
        path: '/v1/token',
        body: { roomId: 'room-0', userId: 'load', name: 'Load', role: 'participant' },
      },
      pace,
    ),
  ])
  const after = await usage(server, callersPid)
  const elapsedMs = performance.now() - startedAtMs
  const cores = Object.entries(after).map(([name, spentMs]) => {
    const share = (spentMs - (before[name] ?? 0)) / elapsedMs
    return [`${name}Cores`, Number(share.toFixed(2))] as const
  })
  return {
    p50Ms: Math.max(recording.p50Ms, token.p50Ms),
    p99Ms: Math.max(recording.p99Ms, token.p99Ms),
    requests: recording.requests + token.requests,
    ...Object.fromEntries(cores),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(1)),
  }
}

/** CPU time so far, by what it went to; renderers that have ended are not in it. */
async function usage(server: RunningServer, callersPid: number): Promise<Record<string, number>> {
  const spent: Record<string, number> = {
    callers: await cpuMs(callersPid),
    server: await cpuMs(server.pid),
    recorder: 0,
    livekit: 0,
  }
  for (const pid of await server.childPids()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const name = /livekit-server/.test(command)
      ? 'livekit'
      : /apps\/recorder\//.test(command)
        ? 'recorder'
        : undefined
    if (name) spent[name] = (spent[name] ?? 0) + (await cpuMs(pid).catch(() => 0))
  }
  return spent
}
