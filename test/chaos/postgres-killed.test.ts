import { expect, test } from 'vitest'
import { childPid } from './child-pid.ts'
import { startTrial } from './trial.ts'

const kills = Number(process.env.CHAOS_POSTGRES_KILLS ?? 5)

test(`kill -9 of PostgreSQL ${kills} times under load: nothing acknowledged is lost`, {
  timeout: 300_000 + kills * 10_000,
}, async () => {
  await using trial = await startTrial()
  const { server, load, between } = trial
  let postgres: number | undefined
  for (let kill = 0; kill < kills; kill++) {
    postgres = await childPid(server, 'postgres', postgres)
    await load.more('livekit', between(50, 150))
    process.kill(postgres, 'SIGKILL')
  }
  await childPid(server, 'postgres', postgres)
  const { faults, repeated, wanted } = await trial.settle(`${kills} kills of PostgreSQL`)
  expect(load.refusals).toEqual([])
  expect(faults.slice(0, 20)).toEqual([])
  expect(repeated / wanted).toBeLessThanOrEqual(0.05)
})
