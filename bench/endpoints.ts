import { type Client, verifyWebhook } from '@rtcstack/sdk'
import { eventually, ledgerIdOf, type Received, type ReceiverOptions, startReceiver } from '@rtcstack/testkit'
import type { Posted } from './livekit-load.ts'

/** Receivers that are registered for every event, and the proof of what they got. */
export async function openEndpoints(client: Client, count: number, options: ReceiverOptions = {}) {
  const endpoints = await Promise.all(
    Array.from({ length: count }, async () => {
      const receiver = await startReceiver(options)
      const webhook = await client.webhooks.create({ url: receiver.url })
      return { receiver, secret: webhook.secret, byId: new Map<string, Received>() }
    }),
  )

  /** Looks at what has come since the last look. */
  function sort(): void {
    for (const { receiver, byId } of endpoints)
      for (const one of receiver.received.slice(byId.size)) byId.set(String(one.headers['webhook-id']), one)
  }

  return {
    /** Resolves when every endpoint has the event of everything posted. */
    async arrival(posted: Posted[]): Promise<void> {
      const wanted = posted.map(({ event }) => ledgerIdOf(event))
      const isThere = () => {
        sort()
        return endpoints.every(({ byId }) => wanted.every((id) => byId.has(id)))
      }
      await eventually(isThere, {
        timeoutMs: 120_000,
        intervalMs: 20,
        message: 'every event at every endpoint',
      })
    },

    /** Milliseconds from posting to receipt, for every event and endpoint. */
    latencies(posted: Posted[]): number[] {
      sort()
      return endpoints.flatMap(({ byId }) =>
        posted.map(({ event, sentAtMs }) => (byId.get(ledgerIdOf(event))?.atMs ?? Infinity) - sentAtMs),
      )
    },

    /** The pass that proves it: what is missing, what came twice, and what is not signed. */
    async verify(posted: Posted[]) {
      sort()
      let [lost, repeated, unsigned] = [0, 0, 0]
      for (const { receiver, byId, secret } of endpoints) {
        lost += posted.filter(({ event }) => !byId.has(ledgerIdOf(event))).length
        repeated += receiver.received.length - byId.size
        for (const { body, headers, atMs } of byId.values())
          await verifyWebhook(body, headers, secret, { now: () => atMs }).catch(() => unsigned++)
      }
      return { lost, repeated, unsigned }
    },

    close: () => Promise.all(endpoints.map(({ receiver }) => receiver.close())),
  }
}
