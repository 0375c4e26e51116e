import { type Static, Type } from 'typebox'
import { operation } from './operation.ts'
import { DisplayName, Identity, Instant, RoomName, strict } from './shapes.ts'

/** What a participant may do in a room. */
export const Role = Type.String({ enum: ['host', 'moderator', 'participant', 'viewer'], $id: 'Role' })
export type Role = 'host' | 'moderator' | 'participant' | 'viewer'

/** The participant attribute that carries the role, signed into the token. */
export const roleAttribute = 'rtcstack.role'

export const TokenRequest = strict(
  {
    roomId: RoomName,
    userId: Identity,
    name: DisplayName,
    role: Type.Unsafe<Role>(Role),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Any JSON object, at most 64 KiB as text; others in the room see it.',
      }),
    ),
    ttl: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 86_400,
        default: 1800,
        description: 'Seconds the token is valid.',
      }),
    ),
  },
  { $id: 'TokenRequest' },
)
export type TokenRequest = Static<typeof TokenRequest>

export const Token = strict(
  {
    token: Type.String({ description: 'A LiveKit access token.' }),
    url: Type.String({ format: 'uri', description: 'The address a LiveKit client connects to.' }),
    expiresAt: Instant,
  },
  { $id: 'Token' },
)
export type Token = Static<typeof Token>

const bodyExample = {
  roomId: 'team-standup',
  userId: 'user-42',
  name: 'Ada Lovelace',
  role: 'host',
  metadata: { team: 'red' },
}

const answers = {
  200: {
    description: 'The token, the address to connect to, and when the token ends.',
    schema: Token,
    example: {
      token: 'eyJhbGciOiJIUzI1NiJ9.…',
      url: 'wss://calls.example.com',
      expiresAt: '2026-01-01T12:30:00.000Z',
    },
  },
} as const

export const createToken = operation({
  id: 'createToken',
  method: 'POST',
  path: '/v1/token',
  tag: 'Tokens',
  summary: 'Issue an access token for a participant',
  security: 'apiKey',
  rateLimit: 'token',
  body: TokenRequest,
  bodyExample,
  answers,
  problems: ['participant-banned', 'database-unavailable'],
})

export const refreshToken = operation({
  id: 'refreshToken',
  method: 'POST',
  path: '/v1/token/refresh',
  tag: 'Tokens',
  summary: 'Re-issue a token before it ends',
  description: 'The same body and answer as createToken.',
  security: 'apiKey',
  rateLimit: 'token',
  body: TokenRequest,
  bodyExample,
  answers,
  problems: ['participant-banned', 'database-unavailable'],
})
