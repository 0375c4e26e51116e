/** A packet of Opus and the sample at which it ends; the first two packets of a stream are its heads. */
export interface OggPacket {
  bytes: Buffer
  /** Of its page: that of the packet where a page has one packet, as ffmpeg is told to write. */
  granule: number
}

const headBytes = 27

/** Reads a stream of Ogg (RFC 3533) as it comes, in pieces of any size; packets do not go over the end of a page. */
export function createOggReader(): (bytes: Buffer) => OggPacket[] {
  let waiting: Buffer = Buffer.alloc(0)
  return (bytes) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
    const packets: OggPacket[] = []
    for (;;) {
      const segments = waiting[headBytes - 1]
      if (segments === undefined || waiting.length < headBytes + segments) return packets
      const lacing = waiting.subarray(headBytes, headBytes + segments)
      let at = headBytes + segments
      const end = lacing.reduce((sum, segment) => sum + segment, at)
      if (waiting.length < end) return packets
      const granule = Number(waiting.readBigInt64LE(6))
      let length = 0
      for (const segment of lacing) {
        length += segment
        if (segment === 255) continue
        packets.push({ bytes: waiting.subarray(at, at + length), granule })
        at += length
        length = 0
      }
      waiting = waiting.subarray(end)
    }
  }
}
