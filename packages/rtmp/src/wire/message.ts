/** A whole message, put together from its chunks. */
export interface RtmpMessage {
  type: number
  /** 32 bits of milliseconds: it wraps after 49 days, or at once where an encoder begins near the end. */
  timestamp: number
  streamId: number
  payload: Buffer
}

/** Types of messages (RTMP 1.0, sections 5.4, 6.2 and 7.1). */
export const messageTypes = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  commandAmf3: 17,
  data: 18,
  command: 20,
} as const
