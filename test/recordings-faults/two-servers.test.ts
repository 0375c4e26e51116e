import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  eventually,
  hasS3Server,
  type RunningServer,
  startLiveKit,
  startS3Server,
  startServer,
} from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { killTree, recordersOf } from '../children.ts'
import { lendDatabase } from '../managed-postgres.ts'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'

/** How long it has recorded when its server is lost. What is in the store by then is kept: each half minute that is over. */
const recordedSeconds = Number(process.env.CHAOS_LOST_SERVER_SECONDS ?? 3)
/** A lease of 15 s, and the look at it each 5 s. */
const takeoverLimitMs = 20_000

test.skipIf(!hasS3Server())(
  'a server that is lost for good: another one goes on within 20 s, and keeps what was stored',
  {
    timeout: 240_000 + recordedSeconds * 2_000,
  },
  async () => {
    await using opened = new AsyncDisposableStack()
    const lender = opened.use(await startServer())
    const database = await lendDatabase(lender, ['lost', 'kept'])
    opened.defer(database.close)
    const livekit = opened.use(await startLiveKit())
    const s3 = opened.use(await startS3Server())
    const shared = {
      API_SECRET: randomBytes(32).toString('hex'),
      SECRETS_KEY: randomBytes(32).toString('hex'),
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
      MINIO_ENDPOINT: s3.endpoint,
      MINIO_ACCESS_KEY: s3.accessKey,
      MINIO_SECRET_KEY: s3.secretKey,
      RENDER_WIDTH: '640',
      RENDER_HEIGHT: '360',
      RENDER_FPS: '15',
    }
    const start = async (role: string): Promise<RunningServer> =>
      opened.use(await startServer({ env: { ...shared, DATABASE_URL: database.urlOf(role) } }))

    const lost = await start('lost')
    const recorded = opened.use(
      await recordCall(lost, { bucket: join(s3.directory, 'recordings'), livekitUrl: livekit.url }),
    )
    await recorded.recorded(recordedSeconds * 1_000)
    const kept = await start('kept')
    const lostAt = performance.now()
    await killTree(lost)
    recorded.moveTo(kept)
    await eventually(async () => (await recordersOf(kept, recorded.id)).length > 0, {
      timeoutMs: takeoverLimitMs + 5_000,
      message: 'another recorder',
    })
    const takeoverMs = performance.now() - lostAt
    const { durationMs } = await clientOf(kept).recordings.get(recorded.id)
    await recorded.recorded(Number(durationMs) + 5_000)
    const ready = await recorded.finish()
    expect(ready).toMatchObject({ status: 'ready', endReason: 'stopped' })
    const film = await recorded.film()
    expect(takeoverMs).toBeLessThan(takeoverLimitMs)
    expect(film.durationMs - film.silentMs).toBeGreaterThan(Math.floor(recordedSeconds / 30) * 30_000 + 4_000)
    const files = (await database.query(`select count(*)::int as files from renders where kind = 'file'`))[0]
    expect(files).toEqual({ files: 1 })
    for (const key of ready.tracks.flatMap((track) => track.files.map((file) => file.key))) {
      const { url } = await clientOf(kept).recordings.link(recorded.id, { key })
      const answer = await fetch(url)
      expect(answer.status).toBe(200)
      await answer.arrayBuffer()
    }
  },
)
