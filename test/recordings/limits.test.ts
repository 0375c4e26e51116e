import { joinCall } from '@rtcstack/testkit'
import { describe, expect, test, vi } from 'vitest'
import { uniqueName, useServer } from '../product.ts'
import { whenFinished } from './recorded.ts'

// A file is waited for, on two cores that other tests use too.
vi.setConfig({ testTimeout: 60_000 })
const small = { RENDER_WIDTH: '320', RENDER_HEIGHT: '180' }

async function refusal(start: Promise<unknown>) {
  const calledAtMs = performance.now()
  const problem = await start.then(
    () => undefined,
    (error: { status: number; slug: string; retryAfterMs?: number }) => error,
  )
  return { ...problem, tookMs: performance.now() - calledAtMs }
}

describe('where one room is recorded at a time', () => {
  const product = useServer({ ...small, RECORDING_MAX_CAPTURES: '1', RECORDING_EMPTY_ROOM_SECONDS: '3' })
  const newRoom = async (prefix: string) => {
    const room = uniqueName(prefix)
    await product.client.rooms.create({ name: room })
    return room
  }

  test('a second one is refused at once, with when to try again, and has its turn after the first', async () => {
    const { recordings } = product.client
    const [first, second] = [await newRoom('first'), await newRoom('second')]
    const { egressId } = await recordings.start(first)
    const { status, slug, retryAfterMs, tookMs } = await refusal(recordings.start(second))
    expect({ status, slug }).toEqual({ status: 503, slug: 'recorder-capacity' })
    expect(retryAfterMs).toBeGreaterThan(0)
    expect(tookMs).toBeLessThan(1_000)
    expect(await recordings.status(second)).toEqual({ isRecording: false, egressId: null, startedAt: null })
    expect((await recordings.list({ roomId: second })).recordings).toEqual([])
    await recordings.stop(first)
    await whenFinished(product.client, egressId)
    await recordings.start(second)
    await recordings.stop(second)
  })

  test('a room that everyone has left ends its recording, whose file is kept', async () => {
    const room = await newRoom('left')
    const ada = await joinCall({
      ...(await product.token(room, 'ada', 'host')),
      publish: { video: 'red', audio: 440 },
    })
    const { egressId } = await product.client.recordings.start(room)
    await ada.leave()
    const ended = await whenFinished(product.client, egressId)
    expect(ended).toMatchObject({ status: 'ready', endReason: 'room-empty', error: null })
    expect(ended.durationMs).toBeGreaterThan(2_900)
    expect(ended.durationMs).toBeLessThan(10_000)
  })
})

describe('where the disk is nearly full', () => {
  const product = useServer({ ...small, RECORDING_MIN_FREE_MB: '1000000000' })

  test('no recording begins, and that is said at once', async () => {
    const room = uniqueName('full')
    await product.client.rooms.create({ name: room })
    const { status, slug, retryAfterMs, tookMs } = await refusal(product.client.recordings.start(room))
    expect({ status, slug }).toEqual({ status: 503, slug: 'recorder-capacity' })
    expect(retryAfterMs).toBeGreaterThan(0)
    expect(tookMs).toBeLessThan(1_000)
    expect(await product.client.recordings.status(room)).toMatchObject({ isRecording: false })
  })
})
