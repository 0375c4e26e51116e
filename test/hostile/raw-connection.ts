import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type RawAnswer, readAnswers } from './raw-answer.ts'

/** A TCP connection to a server, on which anything can be said. */
export interface RawConnection {
  send(bytes: string | Buffer): void
  /** Ends our side; the server may still answer. */
  end(): void
  /** Resolves with the first `count` answers; rejects when the connection closes before. */
  answers(count: number): Promise<RawAnswer[]>
  /** Resolves with everything answered, when the server has closed the connection. */
  closed(): Promise<RawAnswer[]>
  destroy(): void
}

/** Connects to the server at this origin. Texts are sent as latin1, one byte for each character. */
export async function openRaw(origin: string): Promise<RawConnection> {
  const { hostname, port } = new URL(origin)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  let received = Buffer.alloc(0)
  let failure: Error | undefined
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    socket.emit('progress')
  })
  socket.on('error', (error) => {
    failure = error
  })
  const gone = Promise.race([once(socket, 'end'), once(socket, 'close')]).catch(() => undefined)
  await once(socket, 'connect')
  return {
    send: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    end: () => void socket.end(),
    async answers(count) {
      while (readAnswers(received).length < count) await progressOf(socket, received, failure)
      return readAnswers(received).slice(0, count)
    },
    async closed() {
      await gone
      socket.destroy()
      return readAnswers(received)
    },
    destroy: () => void socket.destroy(),
  }
}

async function progressOf(socket: Socket, received: Buffer, failure: Error | undefined): Promise<void> {
  if (socket.readableEnded || socket.destroyed)
    throw new Error(`the connection closed after ${JSON.stringify(received.toString('latin1'))}`, {
      cause: failure,
    })
  await Promise.race([once(socket, 'progress'), once(socket, 'end'), once(socket, 'close')]).catch(
    () => undefined,
  )
}
