import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { openConnection, type ProxiedConnection } from './fault-proxy-connection.ts'

/**
 * How a fault proxy treats bytes.
 * - `pass`: as they come
 * - `{ latencyMs }`: every chunk later by that much, both ways, in order
 * - `slice`: one byte at a time
 * - `blackhole`: connections are accepted and stay open, all bytes both ways are swallowed
 * - `cut`: what is open is reset (RST) once; what comes next passes
 * - `refuse`: what is open is reset, and nobody listens on the port
 */
export type FaultMode = 'pass' | 'slice' | 'blackhole' | 'cut' | 'refuse' | { latencyMs: number }

export interface FaultProxy {
  /** TCP port on 127.0.0.1; the same through all modes. */
  readonly port: number
  /** Connections that are open now. */
  readonly connections: number
  /** Bytes that were lost in a black hole so far, both ways. */
  readonly swallowedBytes: number
  /** Resolves when the mode is in force for open and new connections. */
  set(mode: FaultMode): Promise<void>
  /** Resets what is open and stops listening. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface FaultProxyOptions {
  targetPort: number
  /** 127.0.0.1 unless told. */
  targetHost?: string
}

/** Starts a TCP proxy on a free loopback port that can be made to misbehave. It starts in `pass`. */
export async function startFaultProxy({
  targetPort,
  targetHost = '127.0.0.1',
}: FaultProxyOptions): Promise<FaultProxy> {
  const open = new Set<ProxiedConnection>()
  let mode: FaultMode = 'pass'
  let swallowedBytes = 0
  const onSwallowed = (bytes: number) => {
    swallowedBytes += bytes
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client: Socket) => {
    const connection = openConnection({ client, targetPort, targetHost, mode: () => mode, onSwallowed })
    open.add(connection)
    connection.closed.then(() => open.delete(connection))
  })
  const listen = async (onPort: number) => {
    server.listen(onPort, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as { port: number }).port
  }
  const port = await listen(0)

  const reset = async (which: (connection: ProxiedConnection) => boolean) => {
    const chosen = [...open].filter(which)
    for (const connection of chosen) connection.reset()
    await Promise.all(chosen.map((connection) => connection.closed))
  }
  const set = async (next: FaultMode) => {
    mode = next === 'cut' ? 'pass' : next
    const closed = next === 'refuse' && server.listening ? once(server, 'close') : undefined
    if (closed) server.close()
    if (next === 'cut' || next === 'refuse') await reset(() => true)
    // Bytes are missing from these: letting them go on would fake a fault that TCP never has.
    else if (next !== 'blackhole') await reset((connection) => connection.isTainted)
    await closed
    if (next !== 'refuse' && !server.listening) await listen(port)
  }
  const close = () => set('refuse')
  return {
    port,
    get connections() {
      return open.size
    },
    get swallowedBytes() {
      return swallowedBytes
    },
    set,
    close,
    [Symbol.asyncDispose]: close,
  }
}
