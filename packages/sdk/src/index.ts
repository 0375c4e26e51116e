export type {
  CreateRoomRequest,
  Health,
  MuteRequest,
  ParticipantInfo,
  ParticipantList,
  Problem,
  ProblemSlug,
  Role,
  Room,
  RoomList,
  Token,
  TokenRequest,
  TrackInfo,
} from '@rtcstack/contract'
export { type Client, createClient } from './client.ts'
export { ConnectionError, ProblemError, TimeoutError, UnexpectedAnswerError } from './errors.ts'
export type { RemoveOptions } from './participants.ts'
export type { CallOptions, ClientOptions } from './transport.ts'
