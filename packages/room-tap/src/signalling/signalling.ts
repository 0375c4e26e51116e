import { SignalRequest, SignalResponse } from '@livekit/protocol'
import WebSocket from 'ws'

export type SignalMessage = SignalResponse['message']

export interface SignalConnection {
  /** Lost when the connection is. */
  send(message: SignalRequest['message']): void
  /** Ends it, at once as far as the caller is concerned; the listener hears no more. */
  close(): void
}

export interface SignalListener {
  message(message: SignalMessage): void
  /** Once, and nothing after it. The status is that of the refusal when the connection was never opened. */
  closed(reason: string, refusedStatus?: number): void
}

export interface SignalOptions {
  /** Where LiveKit's signalling is: ws, wss, http or https. */
  url: string
  token: string
  /** PA_… of the session to go on with. */
  resume?: string | undefined
  listener: SignalListener
}

const openLimitMs = 10_000
/** LiveKit's own figures, until it has told them. */
const defaults = { pingInterval: 5, pingTimeout: 15 }

/** Connects to LiveKit's signalling. */
export function openSignalling({ url, token, resume, listener }: SignalOptions): SignalConnection {
  // The token is in a header, as addresses are written to logs.
  const socket = new WebSocket(addressOf(url, resume), {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: openLimitMs,
    perMessageDeflate: false,
  })
  let isOver = false
  let pinging: NodeJS.Timeout | undefined
  // Counted, not timed: a process that stood still has not heard, but not been left without an answer either.
  let pingsUnanswered = 0

  const finish = (reason: string, refusedStatus?: number) => {
    if (isOver) return
    close()
    listener.closed(reason, refusedStatus)
  }
  const close = () => {
    isOver = true
    clearInterval(pinging)
    if (socket.readyState === WebSocket.OPEN) socket.close(1000)
    // A server that has gone does not answer the closing.
    setTimeout(() => socket.terminate(), 500).unref()
  }
  const send = (message: SignalRequest['message']) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(new SignalRequest({ message }).toBinary())
  }
  const keepAlive = ({ pingInterval, pingTimeout }: typeof defaults) => {
    clearInterval(pinging)
    pinging = setInterval(() => {
      if (pingsUnanswered++ * pingInterval >= pingTimeout) return finish('LiveKit answers no more')
      send({ case: 'ping', value: BigInt(Date.now()) })
    }, 1_000 * pingInterval)
  }

  socket.on('message', (data: Buffer) => {
    if (isOver) return
    pingsUnanswered = 0
    const { message } = SignalResponse.fromBinary(data)
    if (message.case === 'join' && message.value.pingInterval > 0) keepAlive(message.value)
    else if (!pinging) keepAlive(defaults)
    listener.message(message)
  })
  socket.on('unexpected-response', (request, response) => {
    request.destroy()
    finish(`LiveKit answered ${response.statusCode}`, response.statusCode)
  })
  socket.on('error', (error) => finish(error.message))
  socket.on('close', (code) => finish(`the signalling connection was closed (${code})`))
  return { send, close }
}

function addressOf(url: string, resume: string | undefined): URL {
  const address = new URL(`${url.replace(/\/+$/, '')}/rtc`)
  address.protocol = address.protocol.replace('http', 'ws')
  const parameters = {
    auto_subscribe: '1',
    // Without a client that LiveKit knows it takes away a track whose codec changes, and offers it anew.
    sdk: 'js',
    version: '2.23.0',
    protocol: '15',
    // What is recorded is always as good as it is sent, and never paused.
    adaptive_stream: '0',
    subscriber_allow_pause: '0',
    ...(resume !== undefined && { reconnect: '1', sid: resume }),
  }
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
  return address
}
