import type { Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { RTCIceGatherer, RTCIceTransport } from 'werift'
import { localAddresses } from './local-addresses.ts'

export interface Ice {
  transport: RTCIceTransport
  /** Opens the sockets, or, in a restart, keeps them; resolves to where they can be reached. */
  gather(): Promise<{ address: string; port: number }[]>
}

const receiveBufferBytes = 4 * 1024 * 1024

/** werift's ICE, with one UDP socket of each family on all of the machine's addresses, and nobody asked for ours. */
export function createIce(): Ice {
  const { ipv4, ipv6 } = localAddresses()
  const gatherer = new RTCIceGatherer({
    useTcp: false,
    // Left to itself it opens a socket for each address.
    useIpv4: false,
    useIpv6: false,
    additionalHostAddresses: ipv6.length > 0 ? ['127.0.0.1', '::1'] : ['127.0.0.1'],
  })
  // Unless told otherwise it asks Google. LiveKit learns our address from our packets.
  delete gatherer.connection.stunServer
  const transport = new RTCIceTransport(gatherer)
  return {
    transport,
    gather: async () => {
      await gatherer.gather()
      guardSockets(transport)
      return transport.localCandidates.flatMap(({ ip, port }) =>
        (isIPv4(ip) ? ipv4 : ipv6).map((address) => ({ address, port })),
      )
    },
  }
}

/** werift listens to no error of its sockets, so that a network that is gone for a moment would end the process. */
function guardSockets(transport: RTCIceTransport): void {
  const { protocols = [] } = transport.connection as { protocols?: { transport?: { socket?: Socket } }[] }
  for (const protocol of protocols) {
    const socket = protocol.transport?.socket
    if (!socket || socket.listenerCount('error') > 0) continue
    socket.on('error', () => undefined)
    try {
      // For a process that stands still for a moment; the system grants what it allows.
      socket.setRecvBufferSize(receiveBufferBytes)
    } catch {
      // It may be closing.
    }
  }
}
