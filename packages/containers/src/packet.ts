/** An RTP packet in its order, as it was sent; what the room tap delivers. */
export interface TapPacket {
  /** Without wrap; each packet that was sent counts, so a hole in the numbers is a loss. */
  sequence: number
  /** Without wrap, in units of the codec's clock. */
  timestamp: number
  marker: boolean
  payload: Buffer
  /** Wall-clock time of capture at the sender, in milliseconds since 1970. */
  capturedAtMs: number
}
