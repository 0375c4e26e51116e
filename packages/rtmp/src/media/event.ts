/**
 * What a publisher sends, read. Times are milliseconds of the encoder's clock, unwrapped: they go on past 32 bits. `body` is the
 * payload as it came, which is also the body of a tag of FLV.
 */
export type MediaEvent = Metadata | VideoConfig | VideoFrame | AudioConfig | AudioFrame

/** What the encoder says of itself, as far as it does; nothing depends on it being true. */
export interface Metadata {
  type: 'metadata'
  width?: number
  height?: number
  framesPerSecond?: number
  hasVideo?: boolean
  hasAudio?: boolean
}

/** H.264 parameter sets. They may come again, and change. */
export interface VideoConfig {
  type: 'video-config'
  decodeMs: number
  sequenceSets: Buffer[]
  pictureSets: Buffer[]
  body: Buffer
}

/** One access unit of H.264, in the order of decoding. */
export interface VideoFrame {
  type: 'video'
  decodeMs: number
  /** To be shown this much after `decodeMs`; not always 0 where the encoder makes B-frames. */
  offsetMs: number
  isKey: boolean
  /** NAL units without start codes and lengths. */
  units: Buffer[]
  body: Buffer
}

export interface AudioConfig {
  type: 'audio-config'
  timeMs: number
  sampleRateHz: number
  channels: number
  body: Buffer
}

/** One frame of AAC. */
export interface AudioFrame {
  type: 'audio'
  timeMs: number
  body: Buffer
}
