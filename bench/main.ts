// Measures what is promised in numbers: `npm run bench`, or `npm run bench -- token` for one of them.
import { startServer } from '@rtcstack/testkit'
import type { Benchmark } from './benchmark.ts'
import { captureBenchmarks } from './capture.ts'
import { eventBenchmarks } from './events.ts'
import { liveKitKey } from './livekit-load.ts'
import { type Load, measureLoad } from './load.ts'
import { measureMemory } from './memory.ts'
import { recordingBenchmarks } from './recording-cost.ts'
import { recordingRoomsBenchmark } from './recording-rooms.ts'

const token = { roomId: 'bench', userId: 'user', name: 'User', role: 'participant' }

const loads: Record<string, Load & { bound?: string; met?: (perSecond: number, p99Ms: number) => boolean }> =
  {
    token: {
      method: 'POST',
      path: '/v1/token',
      body: token,
      bound: '≥ 9,000 requests/s, p99 ≤ 12 ms',
      met: (perSecond, p99Ms) => perSecond >= 9000 && p99Ms <= 12,
    },
    health: { method: 'GET', path: '/v1/health' },
    rooms: { method: 'GET', path: '/v1/rooms' },
  }

const benchmarks: Benchmark[] = [
  // First, while the server is idle.
  {
    name: 'memory',
    bound: '≤ 300 MB',
    run: async (server) => {
      const figures = await measureMemory(server)
      return { figures, met: figures.totalMegabytes <= 300 }
    },
  },
  ...Object.entries(loads).map(
    ([name, load]): Benchmark => ({
      name,
      ...(load.bound && { bound: load.bound }),
      run: async (server) => {
        const figures = await measureLoad(server, load)
        return { figures, met: load.met?.(figures.perSecond, figures.p99Ms) ?? true }
      },
    }),
  ),
  ...eventBenchmarks,
  ...captureBenchmarks,
  ...recordingBenchmarks,
  recordingRoomsBenchmark,
]

const wanted = process.argv.slice(2)
const rows: Record<string, Record<string, unknown>> = {}
const env = {
  LIVEKIT_API_KEY: liveKitKey.apiKey,
  LIVEKIT_API_SECRET: liveKitKey.apiSecret,
  LOG_LEVEL: 'warn',
}
for (const { name, bound, run } of benchmarks) {
  // `capture` is all of `capture-4`, `capture-9` and `capture-16`.
  const names = [name, name.replace(/-\d+$/, '')]
  if (wanted.length > 0 && !names.some((one) => wanted.includes(one))) continue
  await using server = await startServer({ env })
  const { figures, met } = await run(server)
  console.log(JSON.stringify({ benchmark: name, ...figures, ...(bound && { bound, met }) }))
  rows[name] = { ...figures, bound: bound ?? '', met: bound ? met : '' }
}
console.table(rows)
process.exitCode = Object.values(rows).some((row) => row.met === false) ? 1 : 0
