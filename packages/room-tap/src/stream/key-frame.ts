/**
 * Whether a packet is the first of a key frame, from which a decoder can start. The formats are those of RFC 7741 (VP8),
 * RFC 6184 (H.264), RFC 9628 (VP9) and the RTP format of AV1; of other codecs nothing is known, so never.
 */
export function startsKeyFrame(payload: Buffer, mimeType: string): boolean {
  if (payload.length === 0) return false
  switch (mimeType) {
    case 'video/VP8':
      return startsVp8(payload)
    case 'video/H264':
      return startsH264(payload)
    case 'video/VP9':
      return startsVp9(payload)
    case 'video/AV1':
      // The packet starts a coded video sequence.
      return ((payload[0] ?? 0) & 0x08) !== 0
    default:
      return false
  }
}

function startsVp8(payload: Buffer): boolean {
  const first = payload[0] ?? 0
  // Start of a partition, and of the first one.
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return false
  let length = 1
  if (first & 0x80) {
    const flags = payload[length++] ?? 0
    if (flags & 0x80) length += (payload[length] ?? 0) & 0x80 ? 2 : 1
    if (flags & 0x40) length++
    if (flags & 0x30) length++
  }
  return length < payload.length && ((payload[length] ?? 0) & 0x01) === 0
}

const idrSlice = 5
const sequenceParameters = 7

function startsH264(payload: Buffer): boolean {
  // A slice tells which block of the picture it starts with; that of the first is 0, a single set bit.
  const isFirst = (head = 0, slice = 0) =>
    (head & 0x1f) === sequenceParameters || ((head & 0x1f) === idrSlice && (slice & 0x80) !== 0)
  switch ((payload[0] ?? 0) & 0x1f) {
    // Several units in one packet, each behind its length.
    case 24:
      for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at))
        if (isFirst(payload[at + 2], payload[at + 3])) return true
      return false
    // A part of one unit; the first part says so.
    case 28:
      return ((payload[1] ?? 0) & 0x80) !== 0 && isFirst(payload[1], payload[2])
    default:
      return isFirst(payload[0], payload[1])
  }
}

function startsVp9(payload: Buffer): boolean {
  const first = payload[0] ?? 0
  const [hasPictureId, isPredicted, hasLayers, startsFrame] = [0x80, 0x40, 0x20, 0x08].map(
    (bit) => first & bit,
  )
  if (isPredicted || !startsFrame) return false
  if (!hasLayers) return true
  const at = 1 + (hasPictureId ? ((payload[1] ?? 0) & 0x80 ? 2 : 1) : 0)
  // The lowest layer: those above it are predicted from it even in a key frame.
  return ((payload[at] ?? 0) & 0x0e) === 0
}
