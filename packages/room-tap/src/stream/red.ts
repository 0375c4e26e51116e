/** A packet's own audio and copies of those before it. */
export interface RedundantAudio {
  primary: Buffer
  /** The nearest first: `distance` packets before this one, and how much earlier its time stamp is. */
  copies: { distance: number; earlierBy: number; payload: Buffer }[]
}

/** Unpacks audio with redundancy (RFC 2198); undefined for what is not well formed. */
export function unpackRed(payload: Buffer): RedundantAudio | undefined {
  const blocks: { earlierBy: number; length: number }[] = []
  let at = 0
  // One byte with its first bit clear announces the packet's own audio, four bytes each of the copies before it.
  while (at < payload.length && (payload[at] ?? 0) & 0x80) {
    if (at + 4 >= payload.length) return undefined
    const head = payload.readUIntBE(at + 1, 3)
    blocks.push({ earlierBy: head >> 10, length: head & 0x3ff })
    at += 4
  }
  if (at >= payload.length) return undefined
  at++
  const copies = []
  for (const [index, { earlierBy, length }] of blocks.entries()) {
    if (at + length > payload.length) return undefined
    if (length > 0)
      copies.unshift({
        distance: blocks.length - index,
        earlierBy,
        payload: payload.subarray(at, at + length),
      })
    at += length
  }
  return { primary: payload.subarray(at), copies }
}
