/** Bytes that have come and are not read yet. */
export interface ByteQueue {
  push(bytes: Buffer): void
  readonly length: number
  /** A view of the first bytes, which stay; undefined when there are fewer. */
  peek(count: number): Buffer | undefined
  /** A view of the first bytes, as many as there are up to `most`; they are gone from here. */
  take(most: number): Buffer
}

const nothing = Buffer.alloc(0)

export function createByteQueue(): ByteQueue {
  let waiting: Buffer = nothing
  return {
    push(bytes) {
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
    },
    get length() {
      return waiting.length
    },
    peek: (count) => (waiting.length < count ? undefined : waiting.subarray(0, count)),
    take(most) {
      const taken = waiting.subarray(0, most)
      waiting = taken.length === waiting.length ? nothing : waiting.subarray(taken.length)
      return taken
    },
  }
}
