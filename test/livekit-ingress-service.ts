import { randomBytes } from 'node:crypto'
import type { RunningLiveKit } from '@rtcstack/testkit'
import { AccessToken } from 'livekit-server-sdk'
import { startTwirpFront, type TwirpAnswer } from './twirp-front.ts'
import { publishByWhip, type WhipPublisher } from './whip-publisher.ts'

/** An endpoint as livekit-server 1.13 writes it. */
interface Endpoint {
  ingress_id: string
  stream_key: string
  url: string
  input_type: string
  room_name: string
  participant_identity: string
  participant_name: string
  reusable: boolean
  state: { status: string }
}

interface IngressRequest {
  inputType?: string
  roomName?: string
  ingressId?: string
  participantIdentity?: string
  participantName?: string
}

/** LiveKit with its Ingress service, as far as RTCstack can tell. */
export interface LiveKitWithIngress {
  /** Of the API, which is Ingress's part, and of everything else, which is a real LiveKit's. */
  url: string
  endpoints: Map<string, Endpoint>
  /** While it is true LiveKit refuses to delete endpoints. */
  refusesToDelete: boolean
  /** Somebody publishes by a stream key, and Ingress passes that on to LiveKit. */
  publish(streamKey: string): Promise<WhipPublisher>
  [Symbol.asyncDispose](): Promise<void>
}

/** Puts a stand-in for the Ingress service before a real LiveKit. Its participants are made as the real one makes them. */
export async function startLiveKitWithIngress(livekit: RunningLiveKit): Promise<LiveKitWithIngress> {
  const endpoints = new Map<string, Endpoint>()
  const ends = new Map<string, () => Promise<unknown>>()

  function create({ inputType = 'RTMP_INPUT', roomName = '', ...participant }: IngressRequest): Endpoint {
    const isRtmp = inputType === 'RTMP_INPUT'
    const endpoint = {
      ingress_id: `IN_${randomBytes(6).toString('hex')}`,
      stream_key: randomBytes(6).toString('hex'),
      url: isRtmp ? 'rtmp://ingress.example.com/x' : 'https://ingress.example.com/w',
      input_type: inputType,
      room_name: roomName,
      participant_identity: participant.participantIdentity ?? '',
      participant_name: participant.participantName ?? '',
      reusable: true,
      state: { status: 'ENDPOINT_INACTIVE' },
    }
    endpoints.set(endpoint.ingress_id, endpoint)
    return endpoint
  }

  function list({ roomName, ingressId }: IngressRequest): { items: Endpoint[] } | undefined {
    const found = endpoints.get(ingressId ?? '')
    if (ingressId) return found && { items: [found] }
    return { items: [...endpoints.values()].filter(({ room_name }) => room_name === roomName) }
  }

  async function remove({ ingressId = '' }: IngressRequest): Promise<Endpoint | undefined> {
    const found = endpoints.get(ingressId)
    await ends.get(ingressId)?.()
    endpoints.delete(ingressId)
    return found
  }

  async function answer(method: string, asked: IngressRequest): Promise<TwirpAnswer> {
    if (method === 'CreateIngress') return { status: 200, body: create(asked) }
    if (method === 'DeleteIngress' && service.refusesToDelete)
      return { status: 503, body: { code: 'unavailable', msg: 'no response from servers' } }
    const body = method === 'ListIngress' ? list(asked) : await remove(asked)
    return body ? { status: 200, body } : { status: 404, body: unknown }
  }

  const front = await startTwirpFront(livekit.url, 'livekit.Ingress', answer)

  const service: LiveKitWithIngress = {
    url: front.url,
    endpoints,
    refusesToDelete: false,
    async publish(streamKey) {
      const endpoint = [...endpoints.values()].find(({ stream_key }) => stream_key === streamKey)
      if (!endpoint) throw new Error('Ingress knows no such key')
      const headers = { authorization: `Bearer ${await tokenOf(endpoint, livekit)}` }
      const whip = `${livekit.url}/whip/v1`
      const stream = await publishByWhip({ url: whip, headers, colour: 'red', toneHz: 440 })
      const end = async () => {
        endpoint.state.status = 'ENDPOINT_INACTIVE'
        return (await fetch(new URL(stream.resource, whip), { method: 'DELETE', headers })).status
      }
      endpoint.state.status = 'ENDPOINT_PUBLISHING'
      ends.set(endpoint.ingress_id, end)
      return { ...stream, end }
    },
    [Symbol.asyncDispose]: front[Symbol.asyncDispose],
  }
  return service
}

const unknown = { code: 'not_found', msg: 'twirp error unknown: ingress does not exist' }

/** The token that Ingress makes for a stream. */
function tokenOf(endpoint: Endpoint, { apiKey, apiSecret }: RunningLiveKit): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, {
    identity: endpoint.participant_identity,
    name: endpoint.participant_name,
    ttl: '24h',
    attributes: { 'ingress.ingressID': endpoint.ingress_id },
  })
  token.kind = 'ingress'
  token.addGrant({
    room: endpoint.room_name,
    roomJoin: true,
    canPublish: true,
    canSubscribe: false,
    canUpdateOwnMetadata: true,
  })
  return token.toJwt()
}
