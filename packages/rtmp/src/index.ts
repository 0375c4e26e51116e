export type { RtmpLog } from './connection.ts'
export { defaultLimits, type RtmpLimits } from './limits.ts'
export type { AudioConfig, AudioFrame, MediaEvent, Metadata, VideoConfig, VideoFrame } from './media/event.ts'
export { flvHeader, flvTag } from './media/flv.ts'
export { createVideoReader, type VideoReader } from './media/read-video.ts'
export type {
  Authorization,
  Authorize,
  Publication,
  PublicationEnd,
  PublicationListener,
  PublishRequest,
} from './publication.ts'
export { createRtmpServer, type RtmpServer, type RtmpServerOptions } from './server.ts'
