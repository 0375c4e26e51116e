import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { childPid } from '../chaos/child-pid.ts'
import { renderers } from '../children.ts'
import { useServer } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { testThoroughly } from './thorough.ts'

const product = useServer({ RENDER_WIDTH: '640', RENDER_HEIGHT: '360', RENDER_FPS: '15' })

test('kill -9 of PostgreSQL at the start, in the recording, at the stop and in the render: nothing is lost', {
  timeout: 180_000,
}, async () => {
  const { server } = product
  let postgres = await childPid(server, 'postgres')
  const killPostgres = async () => {
    postgres = await childPid(server, 'postgres')
    process.kill(postgres, 'SIGKILL')
  }
  await using recorded = await recordCall(server, { atStart: killPostgres })
  await recorded.recorded(2_000)
  await killPostgres()
  await childPid(server, 'postgres', postgres)
  await recorded.recorded(6_000)
  const stopping = eventually(() => product.client.recordings.stop(recorded.room), { timeoutMs: 30_000 })
  await killPostgres()
  await stopping.catch((error) => {
    // It was stopped, and the answer was lost.
    if (!String(error.cause ?? error).includes('recording-not-running')) throw error
  })
  await eventually(async () => (await renderers(server)).length > 0, { timeoutMs: 30_000, intervalMs: 10 })
  await killPostgres()
  await childPid(server, 'postgres', postgres)
  expect(await eventually(() => recorded.settled(), { timeoutMs: 90_000 })).toMatchObject({
    status: 'ready',
    endReason: 'stopped',
  })
  const film = await recorded.film()
  expect(film.longestSilenceMs).toBeLessThanOrEqual(200)
  expect(film.durationMs).toBeGreaterThan(5_900)
})

testThoroughly(
  'kill -9 of LiveKit: the recording goes on when it is back, or has ended with its room',
  {
    timeout: 180_000,
  },
  async () => {
    const { server } = product
    await using recorded = await recordCall(server)
    await recorded.recorded(4_000)
    const livekit = await childPid(server, 'livekit')
    const killedAt = performance.now()
    process.kill(livekit, 'SIGKILL')
    await childPid(server, 'livekit', livekit)
    await recorded.call.whole()
    const awayMs = performance.now() - killedAt
    const { status, durationMs } = await recorded.reaches(['recording', 'processing', 'ready'])
    if (status === 'recording') {
      await recorded.recorded(Number(durationMs) + 5_000)
      expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    } else expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'room-closed' })
    const film = await recorded.film()
    expect(film.silentMs).toBeLessThanOrEqual(awayMs + 5_000)
  },
)
