import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { FaultMode } from './fault-proxy.ts'

/** One client of a fault proxy and its connection to the target. */
export interface ProxiedConnection {
  /** Whether something was lost here, so that the two ends can never agree again. */
  readonly isTainted: boolean
  /** Resolves when both sockets are closed; never rejects. */
  readonly closed: Promise<unknown>
  /** Ends both sockets with RST. */
  reset(): void
}

const queueLimitBytes = 1 << 20

/** Joins an accepted socket with the target; every chunk is treated as `mode()` says when it arrives. */
export function openConnection(options: {
  client: Socket
  targetPort: number
  targetHost: string
  mode: () => FaultMode
  onSwallowed: (bytes: number) => void
}): ProxiedConnection {
  const { client, mode } = options
  let isTainted = mode() === 'blackhole'
  const target = isTainted
    ? undefined
    : connect({ port: options.targetPort, host: options.targetHost, allowHalfOpen: true, noDelay: true })
  const sockets = target ? [client, target] : [client]
  const reset = () => {
    for (const socket of sockets) {
      // Node does not close a socket that it is told to reset while it is ending it, and never says so.
      if (socket.writableEnded && !socket.writableFinished) socket.destroy()
      else socket.resetAndDestroy()
    }
  }
  const onSwallowed = (bytes: number) => {
    isTainted = true
    options.onSwallowed(bytes)
  }
  for (const socket of sockets) socket.on('error', reset)
  relay({ from: client, to: target, mode, reset, onSwallowed })
  if (target) relay({ from: target, to: client, mode, reset, onSwallowed })
  const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  return {
    get isTainted() {
      return isTainted
    },
    closed,
    reset,
  }
}

interface Direction {
  from: Socket
  to: Socket | undefined
  mode: () => FaultMode
  reset: () => void
  onSwallowed: (bytes: number) => void
}

// Chunks wait in one chain, so that a change of mode never lets a late chunk overtake an earlier one.
function relay({ from, to, mode, reset, onSwallowed }: Direction): void {
  let chain = Promise.resolve()
  let queuedBytes = 0
  const write = (bytes: Buffer) =>
    to && mode() !== 'blackhole' ? send(to, bytes) : onSwallowed(bytes.length)
  from.on('data', (chunk) => {
    const arrival = mode()
    const dueAt = performance.now() + (typeof arrival === 'object' ? arrival.latencyMs : 0)
    queuedBytes += chunk.length
    if (queuedBytes > queueLimitBytes) from.pause()
    const deliver = async () => {
      const leftMs = dueAt - performance.now()
      if (leftMs > 0) await pause(leftMs)
      for (const bytes of arrival === 'slice' ? bytesOf(chunk) : [chunk]) {
        await write(bytes)
        if (arrival === 'slice') await nextTurn()
      }
      queuedBytes -= chunk.length
      from.resume()
    }
    chain = chain.then(deliver).catch(reset)
  })
  from.on('end', () => {
    chain = chain.then(() => (to && mode() !== 'blackhole' ? void to.end() : onSwallowed(0)))
  })
}

function* bytesOf(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at++) yield chunk.subarray(at, at + 1)
}

function send(to: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
