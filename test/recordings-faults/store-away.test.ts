import { join } from 'node:path'
import {
  type FaultProxy,
  hasS3Server,
  type RunningServer,
  type S3Server,
  startFaultProxy,
  startS3Server,
  startServer,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { testThoroughly } from './thorough.ts'

/** How long the store is away where nothing is said of it. */
const awaySeconds = Number(process.env.CHAOS_STORE_AWAY_SECONDS ?? 8)
const patience = { timeout: 180_000 + awaySeconds * 2_000 }

describe.skipIf(!hasS3Server())('a store that is away', () => {
  const opened = new AsyncDisposableStack()
  let s3: S3Server
  let way: FaultProxy
  let server: RunningServer

  beforeAll(async () => {
    s3 = opened.use(await startS3Server())
    way = opened.use(await startFaultProxy({ targetPort: s3.port }))
    server = opened.use(
      await startServer({
        env: {
          RENDER_WIDTH: '640',
          RENDER_HEIGHT: '360',
          RENDER_FPS: '15',
          MINIO_ENDPOINT: `http://127.0.0.1:${way.port}`,
          MINIO_ACCESS_KEY: s3.accessKey,
          MINIO_SECRET_KEY: s3.secretKey,
        },
      }),
    )
  })
  afterAll(() => opened.disposeAsync())
  const options = () => ({ bucket: join(s3.directory, 'recordings'), settleLimitMs: 90_000 })

  test(`refuses for ${awaySeconds} s when the recording ends: nothing is lost`, patience, async () => {
    await using recorded = await recordCall(server, options())
    await recorded.recorded(4_000)
    await way.set('refuse')
    await clientOf(server).recordings.stop(recorded.room)
    await recorded.reaches(['processing'])
    await away()
    await way.set('pass')
    expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
  })

  testThoroughly(
    'is away as the recording starts, and while its server is killed and starts again: it goes on',
    patience,
    async () => {
      await way.set('refuse')
      await using recorded = await recordCall(server, options())
      await recorded.recorded(4_000)
      await server.kill()
      await server.restart()
      await recorded.call.whole()
      await recorded.recorded(Number((await clientOf(server).recordings.get(recorded.id)).durationMs) + 4_000)
      await clientOf(server).recordings.stop(recorded.room)
      await way.set('pass')
      expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      const { durationMs, silentMs } = await recorded.film()
      expect(durationMs - silentMs).toBeGreaterThan(6_000)
    },
  )

  testThoroughly(
    'is slow, dies in the middle and takes the bytes of nobody: nothing is lost',
    patience,
    async () => {
      await using recorded = await recordCall(server, options())
      await recorded.recorded(4_000)
      await way.set({ latencyMs: 100 })
      await clientOf(server).recordings.stop(recorded.room)
      await s3.kill()
      await away()
      await s3.restart()
      await way.set('cut')
      expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
    },
  )
})

/** Time itself has to pass. */
const away = () => new Promise((resolve) => setTimeout(resolve, awaySeconds * 1_000))
