export { type Browser, openBrowser } from './browser/browser.ts'
export type { BrowserCaller, JoinFromBrowserOptions } from './browser/browser-caller.ts'
export { hasBrowser } from './browser/has-browser.ts'
export { type Caller, type DisconnectCause, type JoinCallOptions, joinCall } from './calls/caller.ts'
export { type Clapper, clapHz, publishClapper } from './calls/clapper.ts'
export { type ConnectOptions, captureConnectError } from './calls/connect.ts'
export { hasTone, shareAt, type ToneHz } from './calls/tone.ts'
export {
  type Colour,
  type ColourPattern,
  hasMoved,
  look,
  nameColour,
  type Picture,
  type Sight,
} from './calls/video-pattern.ts'
export { hasCannedCallers } from './canned-calls/callers.ts'
export {
  type RecordedRooms,
  type RecordedRoomsOptions,
  recordRooms,
} from './canned-calls/recorded-rooms.ts'
export { type EventuallyOptions, eventually } from './eventually.ts'
export { type FaultMode, type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts'
export { type RunningLiveKit, type StartLiveKitOptions, startLiveKit } from './livekit.ts'
export {
  type LiveKitEvent,
  ledgerIdOf,
  liveKitEventsOfCall,
  type SignedWebhook,
  signLiveKitWebhook,
} from './livekit-webhooks.ts'
export { type MovieFacts, probeMovie } from './media/movie.ts'
export {
  cut,
  frameTimesOf,
  type ReadPicturesOptions,
  type Rectangle,
  readPictures,
  type TimedPicture,
} from './media/pictures.ts'
export { run as runMediaTool } from './media/run.ts'
export { levelAt, readSound, type Sound, shareBeside } from './media/sound.ts'
export { probeTrack, type TrackFacts } from './media/track.ts'
export { freeTcpPort, freeUdpPort } from './ports.ts'
export { type Received, type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts'
export { hasS3Server, type S3Keys, type S3Server, type S3ServerOptions, startS3Server } from './s3-server.ts'
export { type RunningServer, type StartServerOptions, startServer } from './server.ts'
export { readTokenClaims, type TokenClaims } from './token-claims.ts'
