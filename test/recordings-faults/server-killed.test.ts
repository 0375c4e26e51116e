import { eventually, startServer } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { killTree, recorders, renderers } from '../children.ts'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { testThoroughly } from './thorough.ts'

const env = { RENDER_WIDTH: '640', RENDER_HEIGHT: '360', RENDER_FPS: '15' }
/** Of media on each side of the time that nothing ran. */
const lossMs = 5_000

test('kill -9 of the server and all it started: the recording goes on after the restart, and misses the time between', {
  timeout: 180_000,
}, async () => {
  await using server = await startServer({ env })
  await using recorded = await recordCall(server)
  await recorded.recorded(5_000)
  const killedAt = performance.now()
  await killTree(server)
  await server.restart()
  await recorded.call.whole()
  const awayMs = performance.now() - killedAt
  await recorded.reaches(['recording'])
  const { durationMs } = await clientOf(server).recordings.get(recorded.id)
  await recorded.recorded(Number(durationMs) + 5_000)
  expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
  const film = await recorded.film()
  expect(film.silentMs).toBeLessThanOrEqual(awayMs + lossMs)
})

testThoroughly(
  'kill -9 of the server alone: its recorder leaves, and the next server goes on',
  {
    timeout: 180_000,
  },
  async () => {
    await using server = await startServer({ env })
    await using recorded = await recordCall(server)
    await recorded.recorded(5_000)
    const orphans = await recorders(server)
    const killedAt = performance.now()
    await server.kill()
    await eventually(async () => (await recorders(server)).every((pid) => !orphans.includes(pid)), {
      timeoutMs: 5_000,
      message: 'no recorder without a server',
    })
    await server.restart()
    await recorded.call.whole()
    const awayMs = performance.now() - killedAt
    const { durationMs } = await clientOf(server).recordings.get(recorded.id)
    await recorded.recorded(Number(durationMs) + 5_000)
    expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    const film = await recorded.film()
    expect(film.silentMs).toBeLessThanOrEqual(awayMs + lossMs)
  },
)

testThoroughly(
  'kill -9 of the server and all it started during the render, three times: the file is made',
  {
    timeout: 180_000,
  },
  async () => {
    await using server = await startServer({ env })
    await using recorded = await recordCall(server)
    await recorded.recorded(5_000)
    await clientOf(server).recordings.stop(recorded.room)
    for (let kill = 0; kill < 3; kill++) {
      await eventually(async () => (await renderers(server)).length > 0, { timeoutMs: 30_000, intervalMs: 5 })
      await killTree(server)
      await server.restart()
    }
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
  },
)

testThoroughly(
  'SIGTERM during a recording and during the render: a restart goes on with both',
  {
    timeout: 180_000,
  },
  async () => {
    await using server = await startServer({ env })
    await using recorded = await recordCall(server)
    await recorded.recorded(5_000)
    const stoppedAt = performance.now()
    await server.restart()
    await recorded.call.whole()
    const awayMs = performance.now() - stoppedAt
    const { durationMs } = await clientOf(server).recordings.get(recorded.id)
    await recorded.recorded(Number(durationMs) + 5_000)
    await clientOf(server).recordings.stop(recorded.room)
    await eventually(async () => (await renderers(server)).length > 0, { timeoutMs: 30_000, intervalMs: 5 })
    await server.restart()
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    const film = await recorded.film()
    expect(film.silentMs).toBeLessThanOrEqual(awayMs + lossMs)
  },
)
