import { type Static, Type } from 'typebox'
import { Room } from './livekit.ts'
import { operation } from './operation.ts'
import { NextCursor, OptionalPage, RoomName, strict } from './shapes.ts'

const maxSeconds = 4_294_967_295

export const CreateRoomRequest = strict(
  {
    name: RoomName,
    maxParticipants: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: maxSeconds,
        description: 'Hard cap on participants; 0 means none.',
      }),
    ),
    emptyTimeout: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: maxSeconds,
        description: 'Seconds before an empty room is closed.',
      }),
    ),
    metadata: Type.Optional(
      Type.String({ maxLength: 65_536, description: 'Text kept on the room, at most 64 KiB.' }),
    ),
  },
  { $id: 'CreateRoomRequest' },
)
export type CreateRoomRequest = Static<typeof CreateRoomRequest>

export const RoomList = strict({ rooms: Type.Array(Room), nextCursor: NextCursor }, { $id: 'RoomList' })
export type RoomList = Static<typeof RoomList>

const roomExample = {
  sid: 'RM_pkbeSoWjg3sT',
  name: 'team-standup',
  emptyTimeout: 300,
  departureTimeout: 20,
  maxParticipants: 20,
  creationTime: '1767268800',
  creationTimeMs: '1767268800123',
  turnPassword: '',
  enabledCodecs: [{ mime: 'video/VP8', fmtpLine: '' }],
  metadata: '',
  numParticipants: 0,
  numPublishers: 0,
  activeRecording: false,
}

/** The path parameter of everything below a room. */
export const RoomParams = strict({ roomId: RoomName })

export const createRoom = operation({
  id: 'createRoom',
  method: 'POST',
  path: '/v1/rooms',
  tag: 'Rooms',
  summary: 'Create a room',
  description: 'A room that is there already is answered as it is: its options are never changed by this.',
  security: 'apiKey',
  rateLimit: 'write',
  body: CreateRoomRequest,
  bodyExample: { name: 'team-standup', maxParticipants: 20, emptyTimeout: 300 },
  answers: { 201: { description: 'The room.', schema: Room, example: roomExample } },
  problems: ['media-server-refused', 'media-server-unavailable'],
})

export const listRooms = operation({
  id: 'listRooms',
  method: 'GET',
  path: '/v1/rooms',
  tag: 'Rooms',
  summary: 'List active rooms',
  description: 'All of them unless `limit` is given; ordered by name.',
  security: 'apiKey',
  rateLimit: 'read',
  query: strict(OptionalPage),
  answers: {
    200: {
      description: 'The active rooms.',
      schema: RoomList,
      example: { rooms: [roomExample], nextCursor: null },
    },
  },
  problems: ['media-server-refused', 'media-server-unavailable'],
})

export const getRoom = operation({
  id: 'getRoom',
  method: 'GET',
  path: '/v1/rooms/:roomId',
  tag: 'Rooms',
  summary: 'Get one room',
  security: 'apiKey',
  rateLimit: 'read',
  params: RoomParams,
  answers: { 200: { description: 'The room.', schema: Room, example: roomExample } },
  problems: ['not-found', 'media-server-refused', 'media-server-unavailable'],
})

export const deleteRoom = operation({
  id: 'deleteRoom',
  method: 'DELETE',
  path: '/v1/rooms/:roomId',
  tag: 'Rooms',
  summary: 'Close a room',
  description: 'Everyone in it is disconnected. A host may do this with its own token.',
  security: 'apiKeyOrParticipant',
  rateLimit: 'write',
  params: RoomParams,
  answers: { 204: { description: 'Closed.' } },
  problems: [
    'forbidden',
    'participant-banned',
    'not-found',
    'media-server-refused',
    'media-server-unavailable',
  ],
})
