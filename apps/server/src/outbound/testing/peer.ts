import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** The other side of a connection, as close to the wire as a test needs it. */
export interface Peer {
  readonly port: number
  /** Every connection that was made. */
  readonly sockets: Socket[]
  [Symbol.asyncDispose](): Promise<void>
}

/** Listens on a free loopback port, on an own server such as one for TLS where one is given. */
export async function startPeer(
  onConnection: (socket: Socket) => void,
  server: Server = createServer(),
): Promise<Peer> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => socket.destroy())
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The same, told of each request when it has come; posts of the tests end with a brace. */
export function startHttpPeer(onRequest: (socket: Socket, count: number) => void): Promise<Peer> {
  let count = 0
  return startPeer((socket) => {
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString()
      if (!heard.endsWith('}')) return
      heard = ''
      onRequest(socket, ++count)
    })
  })
}
