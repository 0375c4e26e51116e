import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { RecorderEvent, RecorderMessage } from '@rtcstack/recorder'
import { eventually, type RunningServer } from '@rtcstack/testkit'
import { AccessToken, type VideoGrant } from 'livekit-server-sdk'
import type { Benchmark } from './benchmark.ts'
import { cpuMs } from './cpu.ts'
import { liveKitKey } from './livekit-load.ts'

/** For how long each is measured. */
const minutes = Number(process.env.BENCH_CAPTURE_MINUTES ?? 0.5)
/** Joining, and finding out how fast a way is, are over by then. */
const settleMs = 10_000
const mostMegabytes = 150

/** Share of a core that a recorder may take, by the number of participants. */
const mostCores = { 4: 0.07, 9: 0.15, 16: 0.25 }

/** What recording a room costs, the recorder's process alone. Linux only. */
export const captureBenchmarks: Benchmark[] = Object.entries(mostCores).map(([participants, cores]) => ({
  name: `capture-${participants}`,
  bound: `≤ ${cores} core, ≤ ${mostMegabytes} MB`,
  run: async (server) => {
    const figures = await measureCapture(server, Number(participants))
    return { figures, met: figures.cores <= cores && figures.megabytes <= mostMegabytes }
  },
}))

async function measureCapture({ url }: RunningServer, participants: number) {
  const directory = await mkdtemp(join(tmpdir(), 'rtcstack-capture-'))
  // Nobody watches: decoding for each of them would take all of the machine.
  const tokens = Array.from({ length: participants }, (_, index) =>
    token(`user-${index}`, { canSubscribe: false }),
  )
  const publishersFile = join(import.meta.dirname, 'capture-publishers.ts')
  const publishers = fork(publishersFile, [url, ...(await Promise.all(tokens))])
  const recorder = fork(fileURLToPath(import.meta.resolve('@rtcstack/recorder/main')))
  try {
    await Promise.race([once(publishers, 'message'), failure(publishers)])
    const said: RecorderEvent[] = []
    recorder.on('message', (event) => said.push(event as RecorderEvent))
    const hidden = { hidden: true, recorder: true, canPublish: false, canSubscribe: true }
    const job: RecorderMessage = {
      type: 'record',
      recordingId: 'EG_bench',
      url,
      token: await token('recorder', hidden),
      directory,
      segmentMs: 30_000,
    }
    recorder.send(job)
    await eventually(() => said.some(({ type }) => type === 'started'))
    await pause(settleMs)
    const before = await usageOf(recorder, said)
    await pause(minutes * 60_000)
    const after = await usageOf(recorder, said)
    const elapsedMs = after.atMs - before.atMs
    return {
      cores: rounded((after.cpuMs - before.cpuMs) / elapsedMs, 3),
      megabytes: Math.round(after.mostMegabytes),
      kilobitsPerSecond: Math.round(((after.sizeBytes - before.sizeBytes) * 8) / elapsedMs),
      minutes,
      loadAverage: rounded(loadavg()[0] ?? 0, 1),
    }
  } finally {
    await Promise.all([recorder, publishers].map(end))
    await rm(directory, { recursive: true })
  }
}

/** CPU time so far and the most memory at once of a recorder, and how much it has written. */
async function usageOf({ pid = 0 }: ChildProcess, said: RecorderEvent[]) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const progress = said.findLast((event) => event.type === 'progress')
  return {
    atMs: performance.now(),
    cpuMs: await cpuMs(pid),
    mostMegabytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024,
    sizeBytes: progress?.sizeBytes ?? 0,
  }
}

function token(identity: string, grants: VideoGrant = {}) {
  const made = new AccessToken(liveKitKey.apiKey, liveKitKey.apiSecret, { identity })
  made.addGrant({ roomJoin: true, room: 'bench', ...grants })
  return made.toJwt()
}

async function failure(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`the publishers ended with ${code}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
