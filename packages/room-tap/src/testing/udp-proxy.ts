import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** What a way does to each packet. */
export interface UdpFaults {
  /** Of 1. */
  lossShare: number
  /** Each packet is later by up to that much, so that packets overtake each other. */
  jitterMs: number
}

export interface UdpProxy {
  readonly port: number
  /** Packets from the server to clients so far, and those of them that were lost. */
  readonly counts: { passed: number; lost: number }
  set(faults: UdpFaults): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a UDP proxy on loopback that loses and delays packets both ways; none until it is told to. */
export async function startUdpProxy({ targetPort }: { targetPort: number }): Promise<UdpProxy> {
  const server = await bind()
  const upstreams = new Map<number, Promise<Socket>>()
  const counts = { passed: 0, lost: 0 }
  let faults: UdpFaults = { lossShare: 0, jitterMs: 0 }
  let isOver = false

  const pass = (send: () => void): boolean => {
    if (Math.random() < faults.lossShare) return false
    if (faults.jitterMs === 0) send()
    else setTimeout(() => isOver || send(), Math.random() * faults.jitterMs)
    return true
  }
  const upstreamOf = (clientPort: number) => {
    const known = upstreams.get(clientPort)
    if (known) return known
    const opening = bind().then((socket) =>
      socket.on('message', (data) => {
        if (pass(() => server.send(data, clientPort, '127.0.0.1'))) counts.passed++
        else counts.lost++
      }),
    )
    upstreams.set(clientPort, opening)
    return opening
  }
  server.on('message', async (data, { port }) => {
    const upstream = await upstreamOf(port)
    pass(() => upstream.send(data, targetPort, '127.0.0.1'))
  })
  return {
    port: server.address().port,
    counts,
    set: (next) => {
      faults = next
    },
    [Symbol.asyncDispose]: async () => {
      isOver = true
      server.close()
      for (const upstream of upstreams.values()) (await upstream).close()
    },
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
