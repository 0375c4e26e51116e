import { setTimeout as pause } from 'node:timers/promises'
import {
  eventually,
  type FaultProxy,
  type RunningServer,
  startFaultProxy,
  startServer,
} from '@rtcstack/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LentDatabase, lendDatabase } from '../managed-postgres.ts'
import { clientOf, problemOf } from '../product.ts'
import { recordCall } from './recorded-call.ts'
import { isThorough } from './thorough.ts'

/** Longer than the lease of a recording, and than anybody waits for an answer. */
const awaySeconds = 20
const patience = { timeout: 240_000 }

describe.skipIf(!isThorough)(`a database that is away for ${awaySeconds} s`, () => {
  const opened = new AsyncDisposableStack()
  let database: LentDatabase
  let way: FaultProxy
  let server: RunningServer

  beforeAll(async () => {
    const lender = opened.use(await startServer())
    database = await lendDatabase(lender, ['recorder'])
    opened.defer(database.close)
    const url = new URL(database.urlOf('recorder'))
    way = opened.use(await startFaultProxy({ targetPort: Number(url.port) }))
    url.port = `${way.port}`
    server = opened.use(
      await startServer({
        env: { RENDER_WIDTH: '640', RENDER_HEIGHT: '360', RENDER_FPS: '15', DATABASE_URL: url.href },
      }),
    )
  })
  afterAll(() => opened.disposeAsync())

  test.each([
    ['as a start is asked for', 0],
    ['when a start has been begun', 1],
  ])('%s: the start is refused or comes true, and another one records', patience, async (_, rows) => {
    const { recordings } = clientOf(server)
    const known = await countRows()
    await using recorded = await recordCall(server, {
      settleLimitMs: 90_000,
      atStart: async () => {
        await eventually(async () => (await countRows()) >= known + rows, { intervalMs: 5 })
        await beAway()
      },
    })
    const { durationMs } = await recordings.get(recorded.id)
    await recorded.recorded(Number(durationMs) + 3_000)
    expect(await recorded.finish()).toMatchObject({ status: 'ready', endReason: 'stopped' })
    expect((await recorded.film()).longestSilenceMs).toBeLessThanOrEqual(200)
    const others = (await recordings.list({ roomId: recorded.room })).recordings.filter(
      ({ recordingId }) => recordingId !== recorded.id,
    )
    expect(others.every(({ status, error }) => status === 'failed' && error === 'recorder-failed')).toBe(true)
  })

  test(
    'before a stop and right after the next one: the first is refused, the second loses nothing',
    patience,
    async () => {
      const { recordings } = clientOf(server)
      await using recorded = await recordCall(server, { settleLimitMs: 90_000 })
      await recorded.recorded(3_000)
      const away = beAway()
      expect(await problemOf(recordings.stop(recorded.room))).toMatchObject({
        status: 503,
        slug: 'database-unavailable',
      })
      await away
      const { status, durationMs } = await recorded.reaches(['recording'])
      expect(status).toBe('recording')
      await recordings.stop(recorded.room)
      await beAway()
      expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
      const film = await recorded.film()
      expect(film.longestSilenceMs).toBeLessThanOrEqual(200)
      expect(film.durationMs).toBeGreaterThan(awaySeconds * 1_000)
      expect(film.durationMs).toBeGreaterThan(Number(durationMs) - 200)
    },
  )

  const countRows = async () => Number((await database.query('select count(*) from recordings'))[0]?.count)

  async function beAway(): Promise<void> {
    await way.set('refuse')
    // Time itself has to pass.
    await pause(awaySeconds * 1_000)
    await way.set('pass')
  }
})
