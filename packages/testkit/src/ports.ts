import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the range that Linux and macOS take ports for outgoing connections from, so that a port found free
// is not taken by a passing connection before the server under test listens on it.
const lowest = 20_000
const highest = 32_000

/** A TCP port of 127.0.0.1 that nobody listens on now. */
export const freeTcpPort = (): Promise<number> => find(tryTcp)

/** A UDP port of 127.0.0.1 that nobody is bound to now. */
export const freeUdpPort = (): Promise<number> => find(tryUdp)

async function find(attempt: (port: number) => Promise<void>): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    try {
      await attempt(port)
      return port
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!taken || tries === 100) throw error
    }
  }
}

async function tryTcp(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

async function tryUdp(port: number): Promise<void> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  await once(socket, 'listening')
  socket.close()
  await once(socket, 'close')
}
