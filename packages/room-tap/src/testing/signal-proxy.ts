import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SignalRequest, SignalResponse, type TrickleRequest } from '@livekit/protocol'
import WebSocket, { WebSocketServer } from 'ws'

/** Stands between a tap and LiveKit's signalling; counts offers, can cut the connection, and leads media elsewhere. */
export interface SignalProxy {
  readonly url: string
  readonly offers: number
  /** Connections made so far, those that went on with a session, and those that are open. */
  readonly connections: { made: number; resumed: number; open: number }
  /** Cuts what is open; nothing gets through until `mend`. */
  cut(): void
  mend(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts one in front of a LiveKit. With `mediaPort`, the tap finds LiveKit's media at that port alone. */
export async function startSignalProxy(options: {
  targetUrl: string
  mediaPort?: number
}): Promise<SignalProxy> {
  const { targetUrl, mediaPort } = options
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const open = new Set<WebSocket>()
  const connections = { made: 0, resumed: 0 }
  let offers = 0
  let isCut = false

  server.on('connection', (client, request) => {
    if (isCut) return client.terminate()
    connections.made++
    if (request.url?.includes('reconnect=1')) connections.resumed++
    const { authorization = '' } = request.headers
    const target = new WebSocket(`${targetUrl.replace('http', 'ws')}${request.url}`, {
      headers: { authorization },
    })
    const waiting: Buffer[] = []
    open.add(client)
    target.on('open', () => waiting.splice(0).forEach((data) => void target.send(data)))
    target.on('message', (data: Buffer) => client.send(toTap(data)))
    client.on('message', (data: Buffer) => {
      const changed = mediaPort === undefined ? data : withoutCandidates(data)
      if (target.readyState === WebSocket.OPEN) target.send(changed)
      else waiting.push(changed)
    })
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('close', () => other.terminate())
      one.on('error', () => other.terminate())
    }
    client.on('close', () => open.delete(client))
  })

  const toTap = (data: Buffer): Buffer => {
    const response = SignalResponse.fromBinary(data)
    const { message } = response
    if (message.case === 'offer') {
      offers++
      if (mediaPort !== undefined) message.value.sdp = message.value.sdp.replace(/a=candidate:.*\r\n/g, '')
    } else if (message.case === 'trickle' && mediaPort !== undefined) redirect(message.value, mediaPort)
    else return data
    return Buffer.from(response.toBinary())
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get offers() {
      return offers
    },
    get connections() {
      return { ...connections, open: open.size }
    },
    cut: () => {
      isCut = true
      for (const client of open) client.terminate()
    },
    mend: () => {
      isCut = false
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of open) client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

function redirect(trickle: TrickleRequest, port: number): void {
  const init = JSON.parse(trickle.candidateInit)
  init.candidate = init.candidate.replace(/ 127\.0\.0\.1 \d+ /, ` 127.0.0.1 ${port} `)
  trickle.candidateInit = JSON.stringify(init)
}

/** LiveKit would find the tap by these without passing the port. */
function withoutCandidates(data: Buffer): Buffer {
  const request = SignalRequest.fromBinary(data)
  if (request.message.case !== 'answer') return data
  const { value } = request.message
  value.sdp = value.sdp.replace(/a=candidate:.*\r\n/g, '')
  return Buffer.from(request.toBinary())
}
