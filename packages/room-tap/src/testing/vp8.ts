const startCode = Buffer.from([0x9d, 0x01, 0x2a])

/** Width in pixels of the picture that a packet starts, when it starts a VP8 key frame. */
export const widthOf = (payload: Buffer): number =>
  payload.readUInt16LE(payload.indexOf(startCode) + startCode.length) & 0x3fff
