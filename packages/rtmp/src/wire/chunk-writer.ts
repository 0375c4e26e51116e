/** Size of the chunks that we send; it is announced once, before anything that is longer. */
export const ourChunkBytes = 4096

export interface OutgoingMessage {
  chunkStreamId: number
  type: number
  streamId: number
  payload: Buffer
}

/** A message in chunks, at time 0: nothing that we say has a time. */
export function writeMessage({ chunkStreamId, type, streamId, payload }: OutgoingMessage): Buffer {
  const header = Buffer.alloc(12)
  header[0] = chunkStreamId
  header.writeUIntBE(payload.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  const parts = [header, payload.subarray(0, ourChunkBytes)]
  for (let at = ourChunkBytes; at < payload.length; at += ourChunkBytes)
    parts.push(Buffer.from([0xc0 | chunkStreamId]), payload.subarray(at, at + ourChunkBytes))
  return Buffer.concat(parts)
}
