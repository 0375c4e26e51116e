import { eventually, hasS3Server, type RunningServer, startFaultProxy } from '@rtcstack/testkit'
import { describe, expect, test } from 'vitest'
import { killTree, recordersOf } from '../children.ts'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { type SharedStack, startSharedStack } from './shared-stack.ts'
import { isThorough } from './thorough.ts'
import { expectAllOf, rendererOf } from './under-way.ts'

const patience = { timeout: 300_000 }
/** A chunk is half a minute. */
const chunkLimitMs = 60_000

describe.skipIf(!isThorough || !hasS3Server())('two servers that share a database and a store', () => {
  test(
    'render one recording together, and one that is killed leaves its chunk to the other',
    patience,
    async () => {
      await using stack = await startSharedStack()
      const capturing = await stack.start()
      await using recorded = await record(stack, capturing)
      // The first chunk stays in the hands of the server that records, so that the other one has all that follow.
      const slow = await rendererOf(capturing, chunkLimitMs)
      process.kill(slow, 'SIGSTOP')
      const helping = await stack.start()
      const { recordings } = clientOf(capturing)
      const rendered = async () =>
        (await recordings.get(recorded.id)).parts.filter(({ status }) => status === 'rendered').length
      await eventually(async () => (await rendered()) === 1, {
        timeoutMs: 120_000,
        message: 'the second chunk',
      })
      await recordings.stop(recorded.room)
      process.kill(await rendererOf(helping, chunkLimitMs), 'SIGSTOP')
      await killTree(helping)
      process.kill(slow, 'SIGCONT')
      await expectAllOf(recorded, 60_000)
      expect(
        await stack.database.query(`select count(*)::int as files from renders where kind = 'file'`),
      ).toEqual([{ files: 1 }])
    },
  )

  test(
    'do not both record: who had no database for a time leaves the recording to the other',
    patience,
    async () => {
      await using stack = await startSharedStack()
      const url = new URL(stack.database.urlOf('shared'))
      await using way = await startFaultProxy({ targetPort: Number(url.port) })
      url.port = `${way.port}`
      const [first, second] = [await stack.start(url.href), await stack.start()]
      await using recorded = await record(stack, first)
      await recorded.recorded(4_000)
      await way.set('refuse')
      recorded.moveTo(second)
      await eventually(async () => (await recordersOf(second, recorded.id)).length > 0, { timeoutMs: 40_000 })
      await eventually(async () => (await recordersOf(first, recorded.id)).length === 0, {
        timeoutMs: 10_000,
      })
      await way.set('pass')
      const { durationMs } = await clientOf(second).recordings.get(recorded.id)
      await recorded.recorded(Number(durationMs) + 8_000)
      expect(await recordersOf(first, recorded.id)).toEqual([])
      const { status, endReason } = await recorded.finish()
      expect({ status, endReason }).toEqual({ status: 'ready', endReason: 'stopped' })
      const film = await recorded.film()
      expect(film.durationMs - film.silentMs).toBeGreaterThan(7_000)
    },
  )
})

const record = ({ bucket, livekit }: SharedStack, server: RunningServer) =>
  recordCall(server, { bucket, livekitUrl: livekit.url, settleLimitMs: 120_000 })
