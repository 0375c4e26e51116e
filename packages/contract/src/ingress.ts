import { type Static, Type } from 'typebox'
import { IngressInfo } from './livekit.ts'
import { operation } from './operation.ts'
import { RoomParams } from './rooms.ts'
import { DisplayName, Identity, NextCursor, OptionalPage, RoomName, strict } from './shapes.ts'

/** How a stream comes in. */
export const ingressTypes = ['rtmp', 'whip'] as const
export type IngressType = (typeof ingressTypes)[number]

export const CreateIngressRequest = strict(
  {
    type: Type.Optional(Type.String({ enum: [...ingressTypes], default: 'rtmp', description: 'Protocol.' })),
    participantName: Type.Optional({
      ...DisplayName,
      default: 'Ingress Stream',
      description: 'Name that others see in the room.',
    }),
    participantIdentity: Type.Optional({
      ...Identity,
      description: 'Unique identity in the room; `ingress-` and random letters when left out.',
    }),
  },
  { $id: 'CreateIngressRequest' },
)
export type CreateIngressRequest = Static<typeof CreateIngressRequest>

export const IngressList = strict(
  { ingress: Type.Array(IngressInfo), nextCursor: NextCursor },
  { $id: 'IngressList' },
)
export type IngressList = Static<typeof IngressList>

const ingressExample = {
  ingressId: 'IN_4fQXG8dJ2nKpRs7T',
  name: '',
  streamKey: 'Zk3vQm1yT0uJ8bXcR5nW2g',
  url: 'https://calls.example.com/whip',
  inputType: 'WHIP_INPUT',
  roomName: 'team-standup',
  participantIdentity: 'ingress-9f2c41ab07d3',
  participantName: 'Ingress Stream',
  participantMetadata: '',
  reusable: true,
  enableTranscoding: false,
  state: {
    status: 'ENDPOINT_INACTIVE',
    error: '',
    roomId: '',
    startedAt: '0',
    endedAt: '0',
    updatedAt: '1767268800123000000',
    resourceId: '',
    tracks: [],
  },
}

/** A participant's token is not enough: who holds a stream key can publish for as long as it is there. */
const ingressFrame = { tag: 'Ingress', security: 'apiKey' } as const

export const createIngress = operation({
  ...ingressFrame,
  id: 'createIngress',
  method: 'POST',
  path: '/v1/rooms/:roomId/ingress',
  summary: 'Create an ingress endpoint',
  description:
    'An encoder that publishes to `url` with `streamKey` is a participant of the room, which is made where there is none. The endpoint stays until it is deleted, also when the room closes.',
  rateLimit: 'write',
  params: RoomParams,
  body: CreateIngressRequest,
  bodyExample: { type: 'whip', participantName: 'Stage camera' },
  answers: { 201: { description: 'The endpoint.', schema: IngressInfo, example: ingressExample } },
  problems: [
    'conflict',
    'ingress-unavailable',
    'media-server-refused',
    'media-server-unavailable',
    'database-unavailable',
  ],
})

export const listIngress = operation({
  ...ingressFrame,
  id: 'listIngress',
  method: 'GET',
  path: '/v1/rooms/:roomId/ingress',
  summary: 'List the ingress endpoints of a room',
  description: 'All of them unless `limit` is given, each with its state; ordered by id.',
  rateLimit: 'read',
  params: RoomParams,
  query: strict(OptionalPage),
  answers: {
    200: {
      description: 'The endpoints.',
      schema: IngressList,
      example: { ingress: [ingressExample], nextCursor: null },
    },
  },
  problems: [
    'ingress-unavailable',
    'media-server-refused',
    'media-server-unavailable',
    'database-unavailable',
  ],
})

export const deleteIngress = operation({
  ...ingressFrame,
  id: 'deleteIngress',
  method: 'DELETE',
  path: '/v1/rooms/:roomId/ingress/:ingressId',
  summary: 'Delete an ingress endpoint',
  description: 'Who publishes to it is cut off, and its stream key is refused from now on.',
  rateLimit: 'write',
  params: strict({
    roomId: RoomName,
    ingressId: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      description: 'IN_… id of the endpoint.',
      examples: ['IN_4fQXG8dJ2nKpRs7T'],
    }),
  }),
  answers: { 204: { description: 'Deleted.' } },
  problems: [
    'not-found',
    'ingress-unavailable',
    'media-server-refused',
    'media-server-unavailable',
    'database-unavailable',
  ],
})
