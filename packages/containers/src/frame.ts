/** The codecs that a call may carry. */
export type VideoCodec = 'vp8' | 'vp9' | 'h264' | 'av1'
export type Codec = VideoCodec | 'opus'

/** A whole frame of video, or one packet of Opus, as a container file keeps it. */
export interface MediaFrame {
  /** RTP time stamp without wrap, in units of the codec's clock. */
  timestamp: number
  /** Wall-clock time of capture at the sender, in milliseconds since 1970. */
  capturedAtMs: number
  /** Whether a decoder can start here; true for every packet of Opus. */
  isKey: boolean
  data: Buffer
  /** Size of the picture in pixels: of each key frame, and of other frames of VP9, which may change it too. */
  width?: number
  height?: number
  /** What a file has to say of the video from here on; on each key frame. */
  format?: VideoFormat
}

/** What a decoder must know before the first frame, and a file states in its header. */
export interface VideoFormat {
  /** The codec's configuration record (avcC or av1C); VP8 and VP9 have none. */
  codecPrivate?: Buffer
  chroma: Chroma
  bitDepth: number
  /** Only what the stream itself says. */
  colour?: Colour
}

export type Chroma = '4:0:0' | '4:2:0' | '4:2:2' | '4:4:0' | '4:4:4'

/** Code points of ISO/IEC 23091-2, which H.264, AV1 and Matroska share. */
export interface Colour {
  primaries?: number
  transfer?: number
  matrix?: number
  isFullRange: boolean
}
