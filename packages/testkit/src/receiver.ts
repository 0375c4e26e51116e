import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request that a receiver got, as it came. */
export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** `performance.timeOrigin + performance.now()` at its end. */
  atMs: number
}

export interface ReceiverOptions {
  /** How to answer; 204 unless told. Not answering is allowed. */
  answer?: (request: Received, response: ServerResponse) => void
}

/** An HTTP server that takes deliveries of webhooks. */
export interface Receiver {
  /** `http://127.0.0.1:<port>/hook`. */
  readonly url: string
  /** Everything that came, in order. */
  readonly received: Received[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const answerNoContent = (_request: Received, response: ServerResponse) => void response.writeHead(204).end()

/** Starts a receiver on a free loopback port. */
export async function startReceiver({ answer = answerNoContent }: ReceiverOptions = {}): Promise<Receiver> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        atMs: performance.timeOrigin + performance.now(),
      }
      received.push(one)
      answer(one, response)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listen(server)
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}/hook`, received, close, [Symbol.asyncDispose]: close }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
