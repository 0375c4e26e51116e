/** An RTP packet as it came (RFC 3550), with its extensions (RFC 8285) still in place. */
export interface RtpPacket {
  ssrc: number
  payloadType: number
  /** 16 bits. */
  sequenceNumber: number
  /** 32 bits. */
  timestamp: number
  marker: boolean
  /** Without padding; empty when padding was all there was. */
  payload: Buffer
}

/** Length of the fixed header, the contributors and the extensions; undefined when it does not fit into the packet. */
export function rtpHeaderLength(packet: Buffer): number | undefined {
  if (packet.length < 12) return undefined
  const first = packet[0] ?? 0
  let length = 12 + 4 * (first & 0x0f)
  if (first & 0x10) {
    if (packet.length < length + 4) return undefined
    length += 4 + 4 * packet.readUInt16BE(length + 2)
  }
  return length <= packet.length ? length : undefined
}

/** Reads a decrypted packet; undefined for what is none. The payload is a view, not a copy. */
export function readRtp(packet: Buffer): RtpPacket | undefined {
  const headerLength = rtpHeaderLength(packet)
  if (headerLength === undefined) return undefined
  const hasPadding = ((packet[0] ?? 0) & 0x20) !== 0
  const end = packet.length - (hasPadding ? (packet.at(-1) ?? 0) : 0)
  if (end < headerLength) return undefined
  const second = packet[1] ?? 0
  return {
    ssrc: packet.readUInt32BE(8),
    payloadType: second & 0x7f,
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    marker: (second & 0x80) !== 0,
    payload: packet.subarray(headerLength, end),
  }
}

/** The value of a header extension, undefined when the packet has none of that id. */
export function readExtension(packet: Buffer, id: number): Buffer | undefined {
  const first = packet[0] ?? 0
  const headerLength = rtpHeaderLength(packet)
  if (headerLength === undefined || (first & 0x10) === 0) return undefined
  const start = 12 + 4 * (first & 0x0f)
  // 0xBEDE: a byte of id and length in front of each; 0x100x: two bytes.
  const isShort = packet.readUInt16BE(start) === 0xbede
  for (let at = start + 4; at < headerLength; ) {
    const head = packet[at] ?? 0
    if (head === 0) {
      at++
      continue
    }
    const foundId = isShort ? head >> 4 : head
    const length = isShort ? (head & 0x0f) + 1 : (packet[at + 1] ?? 0)
    const value = at + (isShort ? 1 : 2)
    if (isShort && foundId === 15) return undefined
    if (foundId === id)
      return value + length <= headerLength ? packet.subarray(value, value + length) : undefined
    at = value + length
  }
  return undefined
}
