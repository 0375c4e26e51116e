/** What one peer may take of the process. */
export interface RtmpLimits {
  /** When all are taken, the one that has waited longest without publishing makes way. */
  connections: number
  /** Time from the first byte to the request to publish, and again for the answer to it. */
  handshakeMs: number
  /** Without a byte for this long a connection is ended. */
  idleMs: number
  /** Largest message before a key was accepted: commands only. */
  commandBytes: number
  /** Largest message of a publisher; a key frame of high quality has hundreds of kilobytes. */
  messageBytes: number
  /** Chunk streams of one connection. Encoders use four or five. */
  chunkStreams: number
  /** What may wait for a peer that does not read our answers. */
  unreadBytes: number
}

export const defaultLimits: RtmpLimits = {
  connections: 512,
  handshakeMs: 10_000,
  idleMs: 15_000,
  commandBytes: 64 * 1024,
  messageBytes: 4 * 1024 * 1024,
  chunkStreams: 32,
  unreadBytes: 64 * 1024,
}
