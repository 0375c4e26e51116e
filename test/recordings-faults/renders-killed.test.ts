import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { ffmpegs, renderers } from '../children.ts'
import { useServer } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { testThoroughly } from './thorough.ts'

const product = useServer({ RENDER_WIDTH: '640', RENDER_HEIGHT: '360', RENDER_FPS: '15' })

test('kill -9 of ffmpeg, of the renderer of a piece and of the one that joins: the file is made all the same', {
  timeout: 120_000,
}, async () => {
  const { recordings } = product.client
  await using recorded = await recordCall(product.server)
  await recorded.recorded(3_000)
  await recordings.stop(recorded.room)
  const [ffmpeg] = await eventually(async () => some(await ffmpegs(product.server)), { intervalMs: 5 })
  process.kill(ffmpeg, 'SIGKILL')
  const [first] = await eventually(async () => some(await renderers(product.server)), { intervalMs: 5 })
  process.kill(first, 'SIGKILL')
  await eventually(
    async () => (await recordings.get(recorded.id)).parts.every(({ status }) => status === 'rendered'),
    { timeoutMs: 40_000, intervalMs: 10 },
  )
  const [joining] = await eventually(async () => some(await renderers(product.server)), { intervalMs: 5 })
  process.kill(joining, 'SIGKILL')
  expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
  expect((await recorded.film()).durationMs).toBeGreaterThan(2_800)
})

testThoroughly(
  'kill -9 of every renderer: after five tries the recording has failed, and that is told',
  {
    timeout: 180_000,
  },
  async () => {
    const { recordings } = product.client
    await using recorded = await recordCall(product.server)
    await recorded.recorded(3_000)
    await recordings.stop(recorded.room)
    const killed = new Set<number>()
    await eventually(
      async () => {
        for (const pid of await renderers(product.server)) {
          if (!killed.has(pid)) process.kill(pid, 'SIGKILL')
          killed.add(pid)
        }
        return (await recordings.get(recorded.id)).status === 'failed'
      },
      { timeoutMs: 120_000, intervalMs: 10, message: 'a failed recording' },
    )
    expect(await recorded.settled()).toMatchObject({ status: 'failed', error: 'render-failed' })
    expect(killed.size).toBe(5)
    // What was captured is kept, so that it can be rendered again.
    expect((await recordings.get(recorded.id)).tracks).not.toEqual([])
  },
)

function some(pids: number[]): [number, ...number[]] {
  const [first, ...rest] = pids
  if (first === undefined) throw new Error('there is none')
  return [first, ...rest]
}
