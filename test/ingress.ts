import type { Client, IngressInfo, LedgerEvent } from '@rtcstack/sdk'
import { type Caller, eventually } from '@rtcstack/testkit'
import { publishByWhip, type WhipPublisher } from './whip-publisher.ts'

/** Publishes red and 440 Hz to an endpoint, with its key as a bearer token, as OBS does. */
export const publishTo = ({ url, streamKey }: IngressInfo): Promise<WhipPublisher> =>
  publishByWhip({
    url,
    headers: { authorization: `Bearer ${streamKey}` },
    colour: 'red',
    toneHz: 440,
  })

/** Resolves when the endpoint is known to publish, and its stream is in the ledger. */
export const untilPublishing = (client: Client, { roomName, ingressId }: IngressInfo): Promise<IngressInfo> =>
  eventually(async () => {
    const { ingress } = await client.ingress.list(roomName)
    const found = ingress.find((one) => one.ingressId === ingressId)
    return found?.state.status === 'ENDPOINT_PUBLISHING' && found.state.tracks.length === 2 && found
  })

/** Resolves when a viewer no longer has a participant in its room; rejects after a second. */
export const isCut = (viewer: Caller, identity: string) =>
  eventually(() => ![...viewer.room.remoteParticipants.values()].some((one) => one.identity === identity), {
    timeoutMs: 1_000,
    intervalMs: 10,
    message: 'the stream being cut off',
  })

type IngressEvent = Extract<LedgerEvent, { type: 'ingress_started' | 'ingress_stopped' }>

/** What the ledger has of the streams of a room, in order: `started`, or why it stopped. */
export async function streamsOf(client: Client, room: string): Promise<string[]> {
  const { events } = await client.events.list({ roomId: room, types: 'ingress_started,ingress_stopped' })
  return (events as IngressEvent[]).map((event) =>
    event.type === 'ingress_stopped' ? event.data.reason : 'started',
  )
}
