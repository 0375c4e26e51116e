/**
 * Samples that a decoder throws away at the start. Opus runs ahead by these (6.5 ms, as libopus and the browsers have it): what
 * it decodes is that much later than what was recorded at the packet's time. So with them the sound stands where it was made.
 */
export const codecDelay = 312

/** The identification header (RFC 7845, section 5.1). */
export function opusHead(channels: number, preSkip: number): Buffer {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 'latin1')
  head[8] = 1
  head[9] = channels
  head.writeUInt16LE(preSkip, 10)
  head.writeUInt32LE(48_000, 12)
  return head
}

/** The comment header, which only names who wrote it. */
export function opusTags(): Buffer {
  const vendor = Buffer.from('RTCstack')
  const tags = Buffer.alloc(16 + vendor.length)
  tags.write('OpusTags', 'latin1')
  tags.writeUInt32LE(vendor.length, 8)
  vendor.copy(tags, 12)
  return tags
}
