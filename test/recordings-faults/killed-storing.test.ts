import { hasS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { killTree } from '../children.ts'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { type S3Stack, startS3Stack } from './s3-stack.ts'
import { testThoroughly } from './thorough.ts'
import { expectAllOf, joining, uploading } from './under-way.ts'

describe.skipIf(!hasS3Server())('kill -9 of the server and all it started', () => {
  let stack: S3Stack
  beforeAll(async () => {
    stack = await startS3Stack()
  })
  afterAll(() => stack?.[Symbol.asyncDispose]())

  test('while it stores the file loses nothing of it', { timeout: 120_000 }, async () => {
    await using recorded = await recordCall(stack.server, { bucket: stack.bucket })
    await recorded.recorded(3_000)
    await clientOf(stack.server).recordings.stop(recorded.room)
    await joining(stack.server, recorded.id)
    await stack.way.set('blackhole')
    await uploading(stack.way)
    expect((await clientOf(stack.server).recordings.get(recorded.id)).status).toBe('processing')
    await killAndStart()
    await expectAllOf(recorded, 2_900)
  })

  testThoroughly(
    'while it stores the tracks, and in the join, loses nothing of the file',
    { timeout: 180_000 },
    async () => {
      await using recorded = await recordCall(stack.server, { bucket: stack.bucket })
      await recorded.recorded(5_000)
      await stack.way.set('blackhole')
      await clientOf(stack.server).recordings.stop(recorded.room)
      await uploading(stack.way)
      await killAndStart()
      for (let kill = 0; kill < 2; kill++) {
        await joining(stack.server, recorded.id)
        await killAndStart()
      }
      await expectAllOf(recorded, 4_900)
    },
  )

  async function killAndStart(): Promise<void> {
    await killTree(stack.server)
    await stack.way.set('pass')
    await stack.server.restart()
  }
})
