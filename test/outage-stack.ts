import type { LedgerEvent } from '@rtcstack/sdk'
import {
  type Caller,
  eventually,
  type FaultProxy,
  freeTcpPort,
  type JoinCallOptions,
  joinCall,
  type RunningLiveKit,
  type RunningServer,
  startFaultProxy,
  startLiveKit,
  startServer,
} from '@rtcstack/testkit'
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk'
import { expect } from 'vitest'
import { liveKitSettings } from './livekit-settings.ts'
import { sumOf, truthOf } from './livekit-truth.ts'
import { clientOf } from './product.ts'

/** A server, a LiveKit that outlives it, and the way of the webhooks between them. */
export interface OutageStack {
  server: RunningServer
  livekit: RunningLiveKit
  rooms: RoomServiceClient
  webhooks: FaultProxy
  /** The whole ledger. */
  events(): Promise<LedgerEvent[]>
  /** Joins a call at LiveKit itself, so that the server may be away. */
  join(room: string, identity: string, publish?: JoinCallOptions['publish']): Promise<Caller>
  /** Resolves when the ledger adds up to what LiveKit tells, and nothing in it is wrong. */
  agree(withinMs: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function startOutageStack(): Promise<OutageStack> {
  await using opened = new AsyncDisposableStack()
  const port = await freeTcpPort()
  const webhooks = opened.use(await startFaultProxy({ targetPort: port }))
  const livekit = opened.use(
    await startLiveKit({ webhookUrls: [`http://127.0.0.1:${webhooks.port}/internal/livekit`] }),
  )
  const { url, apiKey, apiSecret } = livekit
  const server = opened.use(
    await startServer({
      env: { PORT: `${port}`, ...liveKitSettings(livekit) },
    }),
  )
  const rooms = new RoomServiceClient(url, apiKey, apiSecret)
  const events = () => Array.fromAsync(clientOf(server).events.all())
  const kept = opened.move()
  return {
    server,
    livekit,
    rooms,
    webhooks,
    events,
    async join(room, identity, publish = {}) {
      const token = new AccessToken(apiKey, apiSecret, { identity })
      token.addGrant({ room, roomJoin: true })
      return kept.use(await joinCall({ url, token: await token.toJwt(), publish, autoSubscribe: false }))
    },
    async agree(withinMs) {
      const probe = async () => {
        const [truth, all] = await Promise.all([truthOf(rooms), events()])
        expect(sumOf(all)).toEqual({ open: truth, faults: [] })
      }
      await eventually(probe, { timeoutMs: withinMs, intervalMs: 250, message: 'a ledger equal to LiveKit' })
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
