const firstBytes = 16 * 1024

/** The payload of a message while its chunks come. It grows with what has come: a length that is only claimed takes nothing. */
export interface MessageBody {
  readonly received: number
  append(bytes: Buffer): void
  /** What has come, in memory of its own. */
  finish(): Buffer
}

export function createMessageBody(length: number): MessageBody {
  let space = Buffer.allocUnsafeSlow(Math.min(length, firstBytes))
  let received = 0
  return {
    get received() {
      return received
    },
    append(bytes) {
      const needed = received + bytes.length
      if (needed > space.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(length, Math.max(needed, 2 * space.length)))
        space.copy(larger, 0, 0, received)
        space = larger
      }
      bytes.copy(space, received)
      received = needed
    },
    finish: () => space.subarray(0, received),
  }
}
