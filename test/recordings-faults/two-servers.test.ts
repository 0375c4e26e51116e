import { eventually, hasS3Server } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { killTree, recordersOf } from '../children.ts'
import { clientOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { startSharedStack } from './shared-stack.ts'

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
    await using stack = await startSharedStack()
    const lost = await stack.start()
    await using recorded = await recordCall(lost, { bucket: stack.bucket, livekitUrl: stack.livekit.url })
    await recorded.recorded(recordedSeconds * 1_000)
    const kept = await stack.start()
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
    const files = (
      await stack.database.query(`select count(*)::int as files from renders where kind = 'file'`)
    )[0]
    expect(files).toEqual({ files: 1 })
    for (const key of ready.tracks.flatMap((track) => track.files.map((file) => file.key))) {
      const { url } = await clientOf(kept).recordings.link(recorded.id, { key })
      const answer = await fetch(url)
      expect(answer.status).toBe(200)
      await answer.arrayBuffer()
    }
  },
)
