import { expect, test } from 'vitest'
import { childPid } from './child-pid.ts'
import { startTrial } from './trial.ts'

const kills = Number(process.env.CHAOS_KILLS ?? 20)

test(`kill -9 of the server ${kills} times under load, LiveKit along with it: nothing acknowledged is lost`, {
  timeout: 300_000 + kills * 10_000,
}, async () => {
  await using trial = await startTrial()
  const { server, load, between } = trial
  for (let kill = 0; kill < kills; kill++) {
    const alone = between(0, 1) === 0
    const liveKit = await childPid(server, 'livekit')
    await load.more('livekit', between(80, 180))
    // Its own webhooks are lost with LiveKit, so that of the rooms just created nobody else can tell.
    if (!alone) await load.more('application', between(1, 6))
    if (!alone) process.kill(liveKit, 'SIGKILL')
    process.kill(server.pid, 'SIGKILL')
    await server.kill()
    await server.restart()
  }
  const { faults, repeated, wanted } = await trial.settle(`${kills} kills of the server`)
  expect(load.refusals).toEqual([])
  expect(faults.slice(0, 20)).toEqual([])
  expect(repeated / wanted).toBeLessThanOrEqual(0.05)
})
