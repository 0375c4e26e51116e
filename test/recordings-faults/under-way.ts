import { eventually, type FaultProxy, type RunningServer } from '@rtcstack/testkit'
import { renderers } from '../children.ts'
import { clientOf } from '../product.ts'

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
