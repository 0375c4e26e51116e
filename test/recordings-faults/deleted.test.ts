import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, hasS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderers } from '../children.ts'
import { clientOf, problemOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { type S3Stack, startS3Stack } from './s3-stack.ts'
import { isThorough } from './thorough.ts'
import { joining, rendererOf, uploading } from './under-way.ts'

/** Who captures may still store something until the end of its lease, and then there is a look each 10 s. */
const removalLimitMs = 60_000

describe.skipIf(!isThorough || !hasS3Server())('a recording that is deleted', () => {
  let stack: S3Stack
  beforeAll(async () => {
    stack = await startS3Stack()
  })
  afterAll(() => stack?.[Symbol.asyncDispose]())

  test.each([
    ['while its tracks are stored', 'stop', storing],
    ['while a piece of it is rendered', 'stop', rendering],
    ['whose room was, while a piece of it is rendered', 'delete the room', rendering],
    ['while its file is stored', 'stop', storingFile],
  ] as const)('%s is gone with all that was kept of it', { timeout: 180_000 }, async (_, end, reach) => {
    const { recordings, rooms, events } = clientOf(stack.server)
    await using recorded = await recordCall(stack.server, { bucket: stack.bucket })
    const { id, room } = recorded
    await recorded.recorded(4_000)
    await reach(id, async () => {
      if (end === 'stop') await recordings.stop(room)
      else await rooms.delete(room)
      await recorded.reaches(['processing'])
    })
    await recordings.delete(id)
    await stack.way.set('pass')
    expect(await problemOf(recordings.get(id))).toMatchObject({ status: 404, slug: 'not-found' })
    await eventually(async () => expect(await leftOf(id)).toEqual([]), {
      timeoutMs: removalLimitMs,
      intervalMs: 250,
    })
    const { events: told } = await events.list({ roomId: room, types: 'recording_stopped' })
    expect(told.map(({ data }) => data)).toMatchObject([{ egressId: id, status: 'failed', error: 'deleted' }])
  })

  type End = () => Promise<void>

  async function storing(_id: string, end: End): Promise<void> {
    await stack.way.set('blackhole')
    await end()
    await uploading(stack.way)
  }

  async function rendering(_id: string, end: End): Promise<void> {
    await end()
    process.kill(await rendererOf(stack.server), 'SIGSTOP')
  }

  async function storingFile(id: string, end: End): Promise<void> {
    await end()
    await joining(stack.server, id)
    await stack.way.set('blackhole')
    await uploading(stack.way)
  }

  /** What the store, the folders of work and the processes still have of it. */
  async function leftOf(id: string): Promise<(string | number)[]> {
    const folders = [
      stack.bucket,
      ...['recordings', 'rendering'].map((name) => join(stack.server.dataDirectory, name)),
    ]
    const names = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true })))
    return [...names.flat().filter((name) => name.includes(id)), ...(await renderers(stack.server))]
  }
})
