import { eventually, type FaultProxy, type RunningServer } from '@rtcstack/testkit'
import { expect } from 'vitest'
import { renderers } from '../children.ts'
import { clientOf } from '../product.ts'
import type { RecordedCall } from './recorded-call.ts'

/** Resolves when more than the head of a request is lost in the black hole on the way to the store. */
export async function uploading(way: FaultProxy): Promise<void> {
  const before = way.swallowedBytes
  await eventually(() => way.swallowedBytes > before + 5_000, {
    timeoutMs: 30_000,
    intervalMs: 5,
    message: 'an upload',
  })
}

/** Resolves when all pieces of a recording are there, and a renderer makes the file of them. */
export async function joining(server: RunningServer, recordingId: string): Promise<void> {
  await eventually(
    async () => {
      const { parts } = await clientOf(server).recordings.get(recordingId)
      const areThere = parts.length > 0 && parts.every(({ status }) => status === 'rendered')
      return areThere && (await renderers(server)).length > 0
    },
    { timeoutMs: 60_000, intervalMs: 5, message: 'a renderer that joins' },
  )
}

/** A renderer of a server, as soon as there is one. */
export const rendererOf = (server: RunningServer, timeoutMs = 30_000): Promise<number> =>
  eventually(async () => (await renderers(server))[0] ?? false, {
    timeoutMs,
    intervalMs: 5,
    message: 'a renderer',
  })

/** Waits for a recording that was harmed, and checks that its file has all of the call. */
export async function expectAllOf(recorded: RecordedCall, leastMs: number): Promise<void> {
  expect(await recorded.settled()).toMatchObject({ status: 'ready', endReason: 'stopped' })
  const film = await recorded.film()
  expect(film.longestSilenceMs).toBeLessThanOrEqual(200)
  expect(film.durationMs).toBeGreaterThan(leastMs)
}
