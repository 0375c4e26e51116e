/** An RTP packet in its order, as it was sent. */
export interface TapPacket {
  /**
   * Sequence number without wrap: counts up from the first packet of this track by 1 for each packet that was sent.
   * What LiveKit adds of its own (padding, blank frames) is neither delivered nor counted.
   */
  sequence: number
  /** RTP time stamp without wrap, in units of the codec's clock (90 000 or 48 000 a second). */
  timestamp: number
  marker: boolean
  payload: Buffer
  /**
   * Wall-clock time of capture at the sender in milliseconds since 1970 by this machine's clock (sender reports,
   * corrected by the smallest transit seen); before the first report, from the time of arrival. That report comes some
   * seconds after the track has begun, and times may step then by what the network and the encoder took. Packets of one
   * time stamp have one time.
   */
  capturedAtMs: number
}
