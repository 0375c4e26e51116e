import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type Connection, type RtmpLog, serveConnection } from './connection.ts'
import { defaultLimits, type RtmpLimits } from './limits.ts'
import type { Authorize } from './publication.ts'

export interface RtmpServerOptions {
  authorize: Authorize
  limits?: Partial<RtmpLimits>
  log: RtmpLog
  /** PEM; with it the server speaks RTMPS only. */
  tls?: { certificate: string; privateKey: string }
}

/** Takes streams and plays none. */
export interface RtmpServer {
  /** Resolves to the port. Rejects when it is taken. */
  listen(address: { port: number; host?: string }): Promise<number>
  /** Ends all connections, and listens no more. */
  close(): Promise<void>
}

export function createRtmpServer({ authorize, log, tls, ...options }: RtmpServerOptions): RtmpServer {
  const limits = { ...defaultLimits, ...options.limits }
  // In the order in which they came.
  const connections = new Map<Socket, Connection>()

  function take(socket: Socket): void {
    if (connections.size >= limits.connections && !makeRoom()) return void socket.destroy()
    connections.set(socket, serveConnection({ socket, authorize, limits, log }))
    socket.once('close', () => connections.delete(socket))
  }

  /** Those who hold connections open for nothing keep no publisher out. */
  function makeRoom(): boolean {
    for (const [socket, connection] of connections) {
      if (connection.isPublishing) continue
      connection.end('cut', 'it made way for another')
      connections.delete(socket)
      return true
    }
    return false
  }

  const server: Server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.privateKey, handshakeTimeout: limits.handshakeMs })
    : createServer()
  server.maxConnections = 2 * limits.connections
  server.on(tls ? 'secureConnection' : 'connection', take)

  return {
    async listen({ port, host }) {
      server.listen(port, host)
      await once(server, 'listening')
      server.on('error', ({ message }) => log.warn({ err: message }, 'the RTMP server failed'))
      return (server.address() as AddressInfo).port
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const [socket, connection] of connections) {
        connection.end('cut', 'the server is closing')
        socket.destroy()
      }
      await closed
    },
  }
}
