import { eventually, hasS3Server } from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { type S3Stack, startS3Stack } from './s3-stack.ts'
import { testThoroughly } from './thorough.ts'
import { rendererOf } from './under-way.ts'

/** How long the store is away where nothing is said of it. */
const awaySeconds = Number(process.env.CHAOS_STORE_AWAY_SECONDS ?? 8)
const patience = { timeout: 180_000 + awaySeconds * 2_000 }

describe.skipIf(!hasS3Server())('a store that is away', () => {
  let stack: S3Stack
  beforeAll(async () => {
    stack = await startS3Stack()
  })
  afterAll(() => stack?.[Symbol.asyncDispose]())
  const options = () => ({ bucket: stack.bucket, settleLimitMs: 90_000 })

  test(`refuses for ${awaySeconds} s when the recording ends: nothing is lost`, patience, async () => {
    await using recorded = await recordCall(stack.server, options())
    await recorded.recorded(4_000)
    await stack.way.set('refuse')
    await clientOf(stack.server).recordings.stop(recorded.room)
    await recorded.reaches(['processing'])
    await away()
    await stack.way.set('pass')
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
  })

  testThoroughly(
    `refuses for ${awaySeconds} s of the call, as its first files are closed: they are stored while it goes on`,
    patience,
    async () => {
      const { recordings } = clientOf(stack.server)
      await using recorded = await recordCall(stack.server, options())
      // New files are begun each half minute.
      await recorded.recorded(28_000)
      await stack.way.set('refuse')
      await away()
      expect((await recordings.get(recorded.id)).parts).toEqual([])
      await stack.way.set('pass')
      const { durationMs } = await eventually(
        async () => {
          const found = await recordings.get(recorded.id)
          return found.parts.length > 0 && found
        },
        { timeoutMs: 30_000, message: 'a piece to render' },
      )
      expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      const film = await recorded.film()
      expect(film.longestSilenceMs).toBeLessThanOrEqual(200)
      expect(film.durationMs).toBeGreaterThan(Number(durationMs) - 200)
    },
  )

  testThoroughly(
    `refuses for ${awaySeconds} s as a piece is stored, and again as the file is: nothing is lost`,
    patience,
    async () => {
      const { recordings } = clientOf(stack.server)
      await using recorded = await recordCall(stack.server, options())
      await recorded.recorded(4_000)
      await recordings.stop(recorded.room)
      await refuseWhatIsRendered()
      const rendered = async () => {
        const { parts } = await recordings.get(recorded.id)
        return parts.length > 0 && parts.every(({ status }) => status === 'rendered')
      }
      await eventually(rendered, { timeoutMs: 60_000, intervalMs: 10, message: 'pieces that are stored' })
      await refuseWhatIsRendered()
      expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)

      /** From when a renderer has what it needs until long after it is done. */
      async function refuseWhatIsRendered() {
        await rendererOf(stack.server)
        await stack.way.set('refuse')
        await away()
        expect((await recordings.get(recorded.id)).status).toBe('processing')
        await stack.way.set('pass')
      }
    },
  )

  testThoroughly(
    'is away as the recording starts, and while its server is killed and starts again: it goes on',
    patience,
    async () => {
      await stack.way.set('refuse')
      await using recorded = await recordCall(stack.server, options())
      await recorded.recorded(4_000)
      await stack.server.kill()
      await stack.server.restart()
      await recorded.call.whole()
      await recorded.recorded(
        Number((await clientOf(stack.server).recordings.get(recorded.id)).durationMs) + 4_000,
      )
      await clientOf(stack.server).recordings.stop(recorded.room)
      await stack.way.set('pass')
      expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      const { durationMs, silentMs } = await recorded.film()
      expect(durationMs - silentMs).toBeGreaterThan(6_000)
    },
  )

  testThoroughly(
    'is slow, dies in the middle and takes the bytes of nobody: nothing is lost',
    patience,
    async () => {
      await using recorded = await recordCall(stack.server, options())
      await recorded.recorded(4_000)
      await stack.way.set({ latencyMs: 100 })
      await clientOf(stack.server).recordings.stop(recorded.room)
      await stack.s3.kill()
      await away()
      await stack.s3.restart()
      await stack.way.set('cut')
      expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
    },
  )
})

/** Time itself has to pass. */
const away = () => new Promise((resolve) => setTimeout(resolve, awaySeconds * 1_000))
