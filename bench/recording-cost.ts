import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@rtcstack/sdk'
import { eventually, type RunningServer } from '@rtcstack/testkit'
import type { Benchmark } from './benchmark.ts'
import { endedChildrenCpuMs } from './cpu.ts'

const minutes = Number(process.env.BENCH_RECORDING_MINUTES ?? 1)
const startLimitMs = 500
/** How soon a recording of four is ready, by the minutes that it lasts at least. */
const readyLimits = [
  { minutes: 60, limitMs: 20_000 },
  { minutes: 10, limitMs: 15_000 },
]
/** Who has just come in is still finding out how fast the way is. */
const settleMs = 5_000
const renderLimitMs = 600_000

/** CPU seconds that capture and rendering may take for a recorded second, by the number of participants. */
const mostCpu = { 4: 0.38, 9: 0.55, 16: 0.8 }

/** What a recording costs from its start to its file: the recorder's process, and renderers with what they run. Linux only. */
export const recordingBenchmarks: Benchmark[] = Object.entries(mostCpu).map(([participants, most]) => {
  const ready = participants === '4' ? readyLimits.find((limit) => minutes >= limit.minutes) : undefined
  return {
    name: `recording-${participants}`,
    bound: `≤ ${most} CPU s/s, start ≤ ${startLimitMs} ms${ready ? `, ready ≤ ${ready.limitMs} ms` : ''}`,
    run: async (server) => {
      const figures = await measureRecording(server, Number(participants))
      const met =
        figures.cpuPerSecond <= most &&
        figures.startMs <= startLimitMs &&
        figures.readyMs <= (ready?.limitMs ?? renderLimitMs)
      return { figures, met }
    },
  }
})

async function measureRecording(server: RunningServer, participants: number) {
  const client = createClient({ url: server.url, apiKey: server.apiSecret, retries: 0 })
  const room = 'recorded'
  await client.rooms.create({ name: room })
  const callers = Array.from({ length: participants }, (_, index) =>
    client.tokens.create({
      roomId: room,
      userId: `user-${index}`,
      name: `User ${index}`,
      role: 'participant',
    }),
  )
  const tokens = await Promise.all(callers)
  const publishers = fork(join(import.meta.dirname, 'capture-publishers.ts'), [
    tokens[0]?.url ?? '',
    ...tokens.map(({ token }) => token),
  ])
  try {
    await once(publishers, 'message')
    await pause(settleMs)
    // Renderers and recorders are the only ones that end meanwhile, and what they ran is counted with them.
    const cpuBeforeMs = await endedChildrenCpuMs(server.pid)
    const askedAt = Date.now()
    const { egressId, startedAt } = await client.recordings.start(room)
    const answeredAt = Date.now()
    await pause(minutes * 60_000)
    const loadAverage = loadavg()[0] ?? 0
    await client.recordings.stop(room)
    const stoppedAtMs = performance.now()
    const { durationMs, status, error } = await eventually(
      async () => {
        const found = await client.recordings.get(egressId)
        return ['ready', 'failed'].includes(found.status) && found
      },
      { timeoutMs: renderLimitMs, intervalMs: 100, message: 'the file' },
    )
    const readyMs = Math.round(performance.now() - stoppedAtMs)
    if (status !== 'ready' || !durationMs) throw new Error(`the recording is ${status}: ${error}`)
    const cpuMs = (await endedChildrenCpuMs(server.pid)) - cpuBeforeMs
    return {
      cpuPerSecond: Number((cpuMs / durationMs).toFixed(3)),
      startMs: Date.parse(startedAt) - askedAt,
      startAnswerMs: answeredAt - askedAt,
      readyMs,
      minutes,
      loadAverage: Number(loadAverage.toFixed(1)),
    }
  } finally {
    await end(publishers)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
