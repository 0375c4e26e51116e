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

const releaseLimitMs = 2000

/**
 * Throws, naming the setting, when a UDP port is in use on an address. A process that was just killed may hold its
 * sockets a little longer than its life, so a taken port is asked for again before it is given up.
 */
export async function requireFreeUdpPort(setting: string, port: number, address: string): Promise<void> {
  const deadline = performance.now() + releaseLimitMs
  for (;;) {
    const code = await bindError(port, address)
    if (code === undefined) return
    if (code !== 'EADDRINUSE' || performance.now() > deadline)
      throw new Error(
        `UDP port ${port} cannot be used (${code}): end what uses it, or set ${setting} to another.`,
      )
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function bindError(port: number, address: string): Promise<string | undefined> {
  const socket = createSocket('udp4')
  try {
    socket.bind({ port, address, exclusive: true })
    await once(socket, 'listening')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    socket.close()
  }
}
