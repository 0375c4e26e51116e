import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A TCP port that is free on loopback at this moment; `preferred` when that one is. */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer()
  try {
    server.listen({ host: '127.0.0.1', port: preferred })
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    return port
  } catch (error) {
    if (preferred === 0) throw error
    return freePort()
  } finally {
    server.close()
  }
}

/** Throws, naming the setting, when a UDP port is in use on an address. */
export async function requireFreeUdpPort(setting: string, port: number, address: string): Promise<void> {
  const socket = createSocket('udp4')
  try {
    socket.bind({ port, address, exclusive: true })
    await once(socket, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(
      `UDP port ${port} cannot be used (${code}): end what uses it, or set ${setting} to another.`,
    )
  } finally {
    socket.close()
  }
}
