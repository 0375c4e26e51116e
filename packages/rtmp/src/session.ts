import { type Command, connected, ourStreamId, readCommand, result, status, unknownCall } from './command.ts'
import type { RtmpLimits } from './limits.ts'
import type { MediaEvent } from './media/event.ts'
import { createMediaReader } from './media/media-reader.ts'
import { UnsupportedCodecError } from './media/unsupported-codec.ts'
import { ProtocolError } from './protocol-error.ts'
import { createByteQueue } from './wire/byte-queue.ts'
import { createChunkReader } from './wire/chunk-reader.ts'
import { acknowledgement, answerUserControl, readNumber, streamBegin, welcome } from './wire/control.ts'
import { createHandshake } from './wire/handshake.ts'
import { messageTypes, type RtmpMessage } from './wire/message.ts'

/** What a session wants done, in order. After `end` there is no more. */
export type SessionEffect =
  | { type: 'send'; bytes: Buffer }
  /** Somebody wants to publish. Nothing more is read until `accept` or `refuse`. */
  | { type: 'ask'; app: string; key: string }
  | { type: 'media'; event: MediaEvent }
  | { type: 'end'; reason: SessionEnd; detail: string }

export type SessionEnd = 'unpublished' | 'refused' | 'unsupported-codec' | 'protocol-error' | 'cut'

/** One connection of a publisher, without its socket: bytes in, effects out. */
export interface Session {
  take(bytes: Buffer): SessionEffect[]
  accept(): SessionEffect[]
  /** The text is for whoever set the encoder up. */
  refuse(description: string): SessionEffect[]
  /** Ends a publication from our side. */
  cut(description: string): SessionEffect[]
}

const longestName = 256
type State = 'handshake' | 'open' | 'connected' | 'asking' | 'publishing' | 'ended'

export function createSession(limits: RtmpLimits, random: (bytes: number) => Buffer): Session {
  const input = createByteQueue()
  const handshake = createHandshake(random)
  const { commandBytes, chunkStreams } = limits
  const chunks = createChunkReader(input, { messageBytes: commandBytes, chunkStreams })
  const readMedia = createMediaReader()
  let state: State = 'handshake'
  let app = ''
  let effects: SessionEffect[] = []
  let receivedBytes = 0
  let acknowledgedBytes = 0
  let windowBytes = Number.POSITIVE_INFINITY

  const send = (...messages: Buffer[]) => void effects.push({ type: 'send', bytes: Buffer.concat(messages) })
  const end = (reason: SessionEnd, detail: string) => {
    effects.push({ type: 'end', reason, detail })
    state = 'ended'
  }

  /** Does something, and what can be done after it; the effects of all of it. */
  function run(first: () => void): SessionEffect[] {
    effects = []
    if (state === 'ended') return effects
    try {
      first()
      advance()
    } catch (error) {
      if (error instanceof ProtocolError) end('protocol-error', error.message)
      else if (error instanceof UnsupportedCodecError) {
        send(status('error', 'NetStream.Publish.Rejected', error.message))
        end('unsupported-codec', error.message)
      } else throw error
    }
    return effects
  }

  function advance(): void {
    while (state === 'handshake') {
      const before = input.length
      const reply = handshake.advance(input)
      if (reply) send(reply)
      if (handshake.isDone) state = 'open'
      else if (input.length === before) return
    }
    while (state !== 'asking' && state !== 'ended') {
      const message = chunks.next()
      if (!message) break
      handle(message)
    }
    if (receivedBytes - acknowledgedBytes < windowBytes) return
    acknowledgedBytes = receivedBytes
    send(acknowledgement(receivedBytes))
  }

  function handle(message: RtmpMessage): void {
    const { type, payload } = message
    switch (type) {
      case messageTypes.setChunkSize:
        // Its highest bit is none of the size.
        chunks.setChunkSize(readNumber(payload) & 0x7fffffff)
        return
      case messageTypes.abort:
        chunks.abort(readNumber(payload))
        return
      case messageTypes.windowSize:
        windowBytes = Math.max(readNumber(payload), 1)
        return
      case messageTypes.userControl: {
        const reply = answerUserControl(payload)
        if (reply) send(reply)
        return
      }
      case messageTypes.command:
      case messageTypes.commandAmf3:
        command(readCommand(message))
        return
    }
    const event = state === 'publishing' ? readMedia(message) : undefined
    if (event) effects.push({ type: 'media', event })
  }

  function command({ name, transactionId, object, args }: Command): void {
    if (name === 'connect') {
      if (state !== 'open') throw new ProtocolError('connected twice')
      app = nameOf(object?.app).replace(/\/+$/, '')
      state = 'connected'
      send(welcome(), connected(transactionId))
      return
    }
    if (state === 'open') throw new ProtocolError('a command before connecting')
    switch (name) {
      case 'releaseStream':
      case 'FCPublish':
        send(result(transactionId))
        break
      case 'createStream':
        send(result(transactionId, ourStreamId))
        break
      case 'publish':
        if (state !== 'connected') throw new ProtocolError('published twice')
        state = 'asking'
        effects.push({ type: 'ask', app, key: nameOf(args[0]) })
        break
      case 'play':
        send(status('error', 'NetStream.Play.Failed', 'This server takes streams and plays none.'))
        end('refused', 'asked to play')
        break
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        if (state === 'publishing') end('unpublished', name)
        break
      default:
        // A call of number 0 wants no answer.
        if (transactionId > 0) send(unknownCall(transactionId))
    }
  }

  return {
    take: (bytes) =>
      run(() => {
        receivedBytes += bytes.length
        input.push(bytes)
        if (state === 'asking' && input.length > limits.messageBytes)
          throw new ProtocolError('media before the answer')
      }),
    accept: () =>
      run(() => {
        if (state !== 'asking') return
        state = 'publishing'
        chunks.setLargest(limits.messageBytes)
        send(
          streamBegin(ourStreamId),
          status('status', 'NetStream.Publish.Start', 'The stream is published.'),
        )
      }),
    refuse: (description) =>
      run(() => {
        send(status('error', 'NetStream.Publish.BadName', description))
        end('refused', description)
      }),
    cut: (description) =>
      run(() => {
        if (state === 'publishing') send(status('error', 'NetStream.Publish.Rejected', description))
        end('cut', description)
      }),
  }
}

/** The name of an application or a stream, without the query that some encoders append. */
function nameOf(value: unknown): string {
  const name = typeof value === 'string' ? (value.split('?')[0] as string) : ''
  if (name.length > longestName) throw new ProtocolError('a name is too long')
  return name
}
