import { ProtocolError } from '../protocol-error.ts'
import type { ByteQueue } from './byte-queue.ts'

export interface Handshake {
  /** Reads what it can; what to send, if anything. */
  advance(input: ByteQueue): Buffer | undefined
  readonly isDone: boolean
}

const version = 3
const blockBytes = 1536

/**
 * The simple handshake (RTMP 1.0, section 5.2). A client that offers the digest form sees the version 0 in our block, and goes
 * on with the simple one; the digest would prove nothing, as its key is public.
 */
export function createHandshake(random: (bytes: number) => Buffer): Handshake {
  let state: 'hello' | 'echo' | 'done' = 'hello'
  return {
    advance(input) {
      if (state === 'hello') {
        const first = input.peek(1)
        if (first && first[0] !== version) throw new ProtocolError('not RTMP')
        if (!input.peek(1 + blockBytes)) return undefined
        const theirs = input.take(1 + blockBytes).subarray(1)
        state = 'echo'
        const ours = Buffer.concat([Buffer.alloc(8), random(blockBytes - 8)])
        return Buffer.concat([Buffer.from([version]), ours, theirs])
      }
      if (state === 'echo' && input.peek(blockBytes)) {
        // What comes back need not be our block: some clients send another.
        input.take(blockBytes)
        state = 'done'
      }
      return undefined
    },
    get isDone() {
      return state === 'done'
    },
  }
}
