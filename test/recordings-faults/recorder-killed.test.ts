import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { recorders, recordersOf } from '../children.ts'
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

test('kill -9 of the recorder before its first media: another one starts the recording in time', {
  timeout: 120_000,
}, async () => {
  const { client, server } = product
  // One is kept in hand, and is asked first: it stands still, so that it has begun nothing when it is killed.
  const inHand = await eventually(async () => {
    const pids = await recorders(server)
    return pids.length > 0 && pids
  })
  for (const pid of inHand) process.kill(pid, 'SIGSTOP')
  let killedAtMs = 0
  const isBegun = async (roomId: string) => (await client.recordings.list({ roomId })).recordings.length > 0
  await using recorded = await recordCall(server, {
    atStart: async (room) => {
      await eventually(() => isBegun(room), { intervalMs: 5 })
      for (const pid of inHand) process.kill(pid, 'SIGKILL')
      killedAtMs = Date.now()
    },
  })
  const [only, ...others] = (await client.recordings.list({ roomId: recorded.room })).recordings
  expect(others).toEqual([])
  expect(Date.parse(String(only?.startedAt))).toBeGreaterThanOrEqual(killedAtMs)
  await recorded.recorded(3_000)
  expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
  expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
})

test.each(['killed', 'frozen'])(
  'a recorder that is %s while it stops costs two seconds at most',
  {
    timeout: 120_000,
  },
  async (fate) => {
    const { recordings } = product.client
    await using recorded = await recordCall(product.server)
    await recordMore(recorded, 4_000)
    const [pid] = await recordersOf(product.server, recorded.id)
    if (pid === undefined) throw new Error('nobody records')
    process.kill(pid, 'SIGSTOP')
    await recordings.stop(recorded.room)
    if (fate === 'killed') process.kill(pid, 'SIGKILL')
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    const film = await recorded.film()
    expect(film.durationMs).toBeGreaterThan(4_000 - lossMs)
    expect(film.longestSilenceMs).toBeLessThanOrEqual(200)
  },
)

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
