import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { eventually } from '@rtcstack/testkit'
import { statusesIn } from './statuses.ts'

/** A socket that sends what it is told. */
export interface RawPublisher {
  readonly socket: Socket
  send(bytes: Buffer): void
  /** Waits until a status of the server's contains the words. */
  told(words: string): Promise<void>
  readonly isClosed: boolean
  [Symbol.dispose](): void
}

export function connectRaw(port: number, { tls = false } = {}): RawPublisher {
  const socket = tls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  const received: Buffer[] = []
  let isClosed = false
  socket.on('data', (bytes) => received.push(bytes))
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    told: (words) =>
      eventually(
        () => {
          const statuses = statusesIn(Buffer.concat(received))
          if (!statuses.some((status) => status.includes(words))) throw new Error(statuses.join(', '))
        },
        { message: `to be told ${words}` },
      ),
    get isClosed() {
      return isClosed
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
