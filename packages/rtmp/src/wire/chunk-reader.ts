import { ProtocolError } from '../protocol-error.ts'
import type { ByteQueue } from './byte-queue.ts'
import { type ChunkHeader, peekChunkHeader } from './chunk-header.ts'
import type { RtmpMessage } from './message.ts'
import { createMessageBody, type MessageBody } from './message-body.ts'

/** Makes messages of interleaved chunks. */
export interface ChunkReader {
  /** The next whole message; undefined when more bytes are needed. Throws a ProtocolError, and is of no more use then. */
  next(): RtmpMessage | undefined
  setChunkSize(bytes: number): void
  /** Allows messages of another size from now on. */
  setLargest(messageBytes: number): void
  /** Forgets what has come of a message. */
  abort(chunkStreamId: number): void
}

interface ChunkStream {
  timestamp: number
  delta: number
  extended: number | undefined
  length: number
  type: number
  streamId: number
  body: MessageBody | undefined
}

const defaultChunkBytes = 128

export function createChunkReader(
  input: ByteQueue,
  limits: { messageBytes: number; chunkStreams: number },
): ChunkReader {
  const streams = new Map<number, ChunkStream>()
  let largest = limits.messageBytes
  let chunkBytes = defaultChunkBytes
  let current: { stream: ChunkStream; left: number } | undefined

  function begin(header: ChunkHeader): { stream: ChunkStream; left: number } {
    const stream = streams.get(header.chunkStreamId) ?? addStream(header)
    if (stream.body && header.format !== 3) throw new ProtocolError('a message began inside another')
    if (!stream.body) {
      takeFields(stream, header)
      if (stream.length > largest) throw new ProtocolError('a message is too large')
      stream.body = createMessageBody(stream.length)
    }
    return { stream, left: Math.min(chunkBytes, stream.length - stream.body.received) }
  }

  function addStream({ chunkStreamId, format }: ChunkHeader): ChunkStream {
    // librtmp begins some of its streams with format 1.
    if (format > 1) throw new ProtocolError('a chunk stream began without a header')
    if (streams.size >= limits.chunkStreams) throw new ProtocolError('too many chunk streams')
    const stream: ChunkStream = {
      timestamp: 0,
      delta: 0,
      extended: undefined,
      length: 0,
      type: 0,
      streamId: 0,
      body: undefined,
    }
    streams.set(chunkStreamId, stream)
    return stream
  }

  return {
    next() {
      for (;;) {
        if (!current) {
          const header = peekChunkHeader(input, (id) => streams.get(id)?.extended)
          if (!header) return undefined
          input.take(header.bytes)
          current = begin(header)
        }
        const { stream } = current
        const body = stream.body as MessageBody
        const bytes = input.take(current.left)
        body.append(bytes)
        current.left -= bytes.length
        if (current.left > 0) return undefined
        current = undefined
        if (body.received < stream.length) continue
        stream.body = undefined
        const { type, timestamp, streamId } = stream
        return { type, timestamp, streamId, payload: body.finish() }
      }
    },
    setChunkSize(bytes) {
      if (bytes < 1) throw new ProtocolError('a chunk size of nothing')
      chunkBytes = bytes
    },
    setLargest(messageBytes) {
      largest = messageBytes
    },
    abort(chunkStreamId) {
      const stream = streams.get(chunkStreamId)
      if (stream) stream.body = undefined
    },
  }
}

/** The fields of a chunk that begins a message; those that its header lacks are as in the message before. */
function takeFields(stream: ChunkStream, header: ChunkHeader): void {
  stream.length = header.length ?? stream.length
  stream.type = header.type ?? stream.type
  stream.streamId = header.streamId ?? stream.streamId
  if (header.timestamp !== undefined) {
    stream.extended = header.isExtended ? header.timestamp : undefined
    // After format 0, format 3 takes the absolute time for the difference: so says the standard, and so does ffmpeg.
    stream.delta = header.timestamp
  }
  stream.timestamp = header.format === 0 ? stream.delta : (stream.timestamp + stream.delta) >>> 0
}
