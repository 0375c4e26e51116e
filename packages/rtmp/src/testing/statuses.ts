import { readAmf } from '../amf/read.ts'
import { isAmfObject } from '../amf/value.ts'
import { createByteQueue } from '../wire/byte-queue.ts'
import { createChunkReader } from '../wire/chunk-reader.ts'
import { messageTypes } from '../wire/message.ts'

/** The statuses in what a server has sent after its part of the handshake, as `code: description`. */
export function statusesIn(bytes: Buffer): string[] {
  const input = createByteQueue()
  input.push(bytes.subarray(1 + 2 * 1536))
  const chunks = createChunkReader(input, { messageBytes: 65_536, chunkStreams: 8 })
  const found: string[] = []
  for (let message = chunks.next(); message; message = chunks.next()) {
    if (message.type === messageTypes.setChunkSize) chunks.setChunkSize(message.payload.readUInt32BE(0))
    if (message.type !== messageTypes.command) continue
    const [name, , , status] = readAmf(message.payload)
    if (name === 'onStatus' && isAmfObject(status)) found.push(`${status.code}: ${status.description}`)
  }
  return found
}
