const headerBytes = 27
/** A page holds no more segments, each of 255 bytes at most. */
export const mostSegments = 255

export interface OggPage {
  serial: number
  number: number
  /** Sample at which the last packet of the page ends. */
  granule: number
  packets: Buffer[]
  isFirst?: boolean
  isLast?: boolean
}

/** Segments that a packet takes: one of less than 255 bytes ends it. */
export const segmentsOf = (packet: Buffer) => Math.floor(packet.length / 255) + 1

/** A page of whole packets (RFC 3533, section 6). */
export function oggPage({
  serial,
  number,
  granule,
  packets,
  isFirst = false,
  isLast = false,
}: OggPage): Buffer {
  const lacing = packets.flatMap((packet) => [
    ...Array<number>(segmentsOf(packet) - 1).fill(255),
    packet.length % 255,
  ])
  const page = Buffer.concat([Buffer.alloc(headerBytes), Buffer.from(lacing), ...packets])
  page.write('OggS', 'latin1')
  page[5] = (isFirst ? 2 : 0) | (isLast ? 4 : 0)
  page.writeBigInt64LE(BigInt(granule), 6)
  page.writeUInt32LE(serial, 14)
  page.writeUInt32LE(number, 18)
  page[26] = lacing.length
  page.writeUInt32LE(checksum(page), 22)
  return page
}

const checksums = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? 0x04c11db7 : 0)
  return remainder
})

/** Ogg's own CRC-32: not reflected, from zero. */
function checksum(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) ^ (checksums[(crc >>> 24) ^ byte] as number)) >>> 0
  return crc
}
