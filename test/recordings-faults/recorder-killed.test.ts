import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { recordersOf } from '../children.ts'
import { useServer } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { testThoroughly } from './thorough.ts'

const product = useServer({ RENDER_WIDTH: '640', RENDER_HEIGHT: '360', RENDER_FPS: '15' })
const kills = Number(process.env.CHAOS_RECORDER_KILLS ?? 1)

/** What a kill may cost: what was not on the disk yet, and the time until another recorder is in the room. */
const lossMs = 2_000

test(`kill -9 of a recorder (${kills}) costs two seconds at most`, {
  timeout: 120_000 + kills * 15_000,
}, async () => {
  await using recorded = await recordCall(product.server)
  let killed: number | undefined
  for (let kill = 0; kill < kills; kill++) {
    await recordMore(recorded, 4_000)
    killed = await killRecorder(recorded.id, { before: killed })
  }
  await recordMore(recorded, 4_000)
  const { durationMs } = await recorded.finish()
  const film = await recorded.film()
  expect(film.durationMs).toBeGreaterThan(Number(durationMs) - 200)
  expect(film.longestSilenceMs).toBeLessThanOrEqual(lossMs)
  expect(film.pictures).toBeGreaterThanOrEqual((2 * (film.durationMs - kills * lossMs)) / 1000 - 2)
})

testThoroughly(
  'five recorders that are killed as soon as they write do not end the recording',
  {
    timeout: 120_000,
  },
  async () => {
    await using recorded = await recordCall(product.server)
    let killed: number | undefined
    for (let kill = 0; kill < 5; kill++) killed = await killRecorder(recorded.id, { before: killed })
    await eventually(async () =>
      (await recordersOf(product.server, recorded.id)).some((pid) => pid !== killed),
    )
    await recordMore(recorded, 3_000)
    expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    expect((await recorded.film()).durationMs).toBeGreaterThan(2_900)
  },
)

testThoroughly(
  'kill -9 of the recorder in a pause that is then over, and at the stop, loses nothing',
  {
    timeout: 120_000,
  },
  async () => {
    const { recordings } = product.client
    await using recorded = await recordCall(product.server)
    await recordMore(recorded, 3_000)
    await recordings.pause(recorded.room)
    await killRecorder(recorded.id, { below: '' })
    await eventually(() => recordings.resume(recorded.room), { timeoutMs: 15_000 })
    await recordMore(recorded, 3_000)
    const [pid] = await recordersOf(product.server, recorded.id)
    await recordings.stop(recorded.room)
    if (pid !== undefined) killIfThere(pid)
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    const film = await recorded.film()
    expect(film.durationMs).toBeGreaterThan(5_000)
    expect(film.longestSilenceMs).toBeLessThanOrEqual(lossMs)
  },
)

async function recordMore(
  recorded: { id: string; recorded(ms: number): Promise<void> },
  ms: number,
): Promise<void> {
  const { durationMs } = await product.client.recordings.get(recorded.id)
  await recorded.recorded(Number(durationMs) + ms)
}

/** Kills whoever records it, as soon as that is not the one that was killed before. */
async function killRecorder(
  id: string,
  { before, below }: { before?: number | undefined; below?: string } = {},
): Promise<number> {
  const pid = await eventually(
    async () => (await recordersOf(product.server, id, below)).find((one) => one !== before) ?? false,
    { timeoutMs: 20_000, message: 'a recorder' },
  )
  process.kill(pid, 'SIGKILL')
  return pid
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}
