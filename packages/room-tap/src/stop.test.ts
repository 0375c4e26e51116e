import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eventually, joinCall } from '@rtcstack/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type LiveKit, startLiveKit } from './testing/livekit.ts'
import type { Witness } from './testing/witness.ts'

let livekit: LiveKit
let child: ChildProcess | undefined
beforeAll(async () => {
  livekit = await startLiveKit()
}, 30_000)
afterAll(() => livekit[Symbol.asyncDispose]())
afterEach(() => {
  child?.kill('SIGKILL')
})

type Report = Pick<Witness, 'totals' | 'faults' | 'told'>

/** A tap in a process of its own, and what it reports. */
async function tapsApart(room: string) {
  const program = join(import.meta.dirname, 'testing', 'tap-process.ts')
  const args = [program, livekit.url, await livekit.recorderToken(room)]
  const started = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child = started
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]()
  const report = async (): Promise<Report> => {
    started.stdin.write('\n')
    return JSON.parse((await lines.next()).value ?? '')
  }
  const flows = async (more = 100) => {
    const before = (await report()).totals.packets
    await eventually(async () => (await report()).totals.packets >= before + more)
  }
  return { process: started, report, flows }
}

test('a process that was stopped for a second goes on, and repairs what it missed', async () => {
  const room = randomUUID()
  const publish = { audio: 440, video: 'red' } as const
  await using _ada = await joinCall({ url: livekit.url, token: await livekit.token('ada', room), publish })
  await using _bob = await joinCall({ url: livekit.url, token: await livekit.token('bob', room), publish })
  const tapped = await tapsApart(room)
  await tapped.flows()
  const before = (await tapped.report()).totals
  const stoppedAt = performance.now()
  tapped.process.kill('SIGSTOP')
  await eventually(() => performance.now() - stoppedAt >= 1_000)
  tapped.process.kill('SIGCONT')
  await tapped.flows()
  await tapped.flows()
  const { totals, faults, told } = await tapped.report()
  const seconds = (performance.now() - stoppedAt) / 1_000
  expect(faults).toEqual([])
  expect(told).not.toContain('disconnected')
  expect(totals.lostPackets).toBe(0)
  // Two callers with 50 packets of sound a second each, and at least one of each of 15 frames; less what is on its way.
  expect(totals.packets - before.packets).toBeGreaterThan((seconds - 1) * 2 * (50 + 15) * 0.9)
  tapped.process.stdin?.end()
  await once(tapped.process, 'exit')
}, 60_000)
