export type {
  CreateIngressRequest,
  CreateRoomRequest,
  CreateWebhookRequest,
  Delivery,
  DeliveryAttempt,
  EventData,
  EventType,
  Health,
  IngressEndReason,
  IngressInfo,
  IngressType,
  LedgerEvent,
  MuteRequest,
  ParticipantInfo,
  ParticipantList,
  Problem,
  ProblemSlug,
  RecordedTrack,
  Recording,
  RecordingDetail,
  RecordingEndReason,
  RecordingError,
  RecordingStatus,
  Render,
  RenderLayout,
  Role,
  Room,
  RoomList,
  Session,
  SessionDetail,
  SessionParticipant,
  TestEvent,
  Token,
  TokenRequest,
  TrackInfo,
  UpdateWebhookRequest,
  Webhook,
  WebhookTestResult,
} from '@rtcstack/contract'
export { eventTypes, ingressTypes, recordingStatuses, renderLayouts } from '@rtcstack/contract'
export { type Client, createClient } from './client.ts'
export {
  ConnectionError,
  ProblemError,
  TimeoutError,
  UnexpectedAnswerError,
  WebhookVerificationError,
} from './errors.ts'
export type { EventFilter, StreamedEvent, StreamOptions } from './events.ts'
export type { RemoveOptions } from './participants.ts'
export type { ByteRange, FileOptions } from './streams.ts'
export type { CallOptions, ClientOptions } from './transport.ts'
export { signWebhook, type VerifyOptions, verifyWebhook, type WebhookHeaders } from './webhook-signature.ts'
