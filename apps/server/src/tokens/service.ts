import { type Role, roleAttribute, type Token, type TokenRequest } from '@rtcstack/contract'
import { AccessToken, TokenVerifier } from 'livekit-server-sdk'
import type { BanService } from '../bans/service.ts'
import { type Credential, epochAttribute } from '../bans/standing.ts'
import { problems } from '../http/problem.ts'
import { grantsFor } from './grants.ts'

const defaultTtlSeconds = 1800
const maxMetadataBytes = 65_536
/** Replicas' clocks differ a little: another's token may be from our future. An end is an end, though. */
const clockToleranceSeconds = 10

/** Who a valid token speaks for. */
export interface TokenHolder {
  room: string
  identity: string
  role: Role | undefined
  credential: Credential
}

/** Times are seconds since 1970 (RFC 7519, 4.1). */
interface RegisteredClaims {
  sub?: string
  nbf?: number
  exp?: number
}

interface TokenServiceOptions {
  apiKey: string
  apiSecret: string
  bans: Pick<BanService, 'admit' | 'check'>
}

/** Issues participants' tokens and reads them back. */
export function createTokenService({ apiKey, apiSecret, bans }: TokenServiceOptions) {
  const verifier = new TokenVerifier(apiKey, apiSecret)

  async function read(token: string): Promise<TokenHolder> {
    const claims = await verifier.verify(token, clockToleranceSeconds).catch(() => {
      throw problems.unauthorized('The participant token is not valid')
    })
    const { video, attributes, sub, nbf, exp = 0 } = claims as typeof claims & RegisteredClaims
    if (exp * 1000 <= Date.now()) throw problems.unauthorized('The participant token has expired')
    if (!video?.roomJoin || !video.room || !sub)
      throw problems.unauthorized('The participant token is for no room')
    return {
      room: video.room,
      identity: sub,
      role: attributes?.[roleAttribute] as Role | undefined,
      credential: { epoch: attributes?.[epochAttribute], issuedAt: new Date((nbf ?? 0) * 1000) },
    }
  }

  return {
    /** A token for a participant; throws `participant-banned` under a ban. `url` is where a client connects with it. */
    async issue(request: TokenRequest, url: string): Promise<Token> {
      const metadata = toMetadata(request.metadata)
      const epoch = await bans.admit({ room: request.roomId, identity: request.userId })
      const accessToken = new AccessToken(apiKey, apiSecret, {
        identity: request.userId,
        name: request.name,
        ttl: request.ttl ?? defaultTtlSeconds,
        attributes: { [roleAttribute]: request.role, [epochAttribute]: epoch },
        ...(metadata !== undefined && { metadata }),
      })
      accessToken.addGrant(grantsFor(request.role, request.roomId))
      const token = await accessToken.toJwt()
      return { token, url, expiresAt: expiryOf(token) }
    },

    /** Who a token speaks for; throws `unauthorized`, or `participant-banned` when a kick has voided it. */
    async verify(token: string): Promise<TokenHolder> {
      const holder = await read(token)
      await bans.check(holder, holder.credential)
      return holder
    },
  }
}

export type TokenService = ReturnType<typeof createTokenService>

function toMetadata(metadata: Record<string, unknown> | undefined): string | undefined {
  if (metadata === undefined) return undefined
  const text = JSON.stringify(metadata)
  if (Buffer.byteLength(text) > maxMetadataBytes)
    throw problems.invalid([{ pointer: '#/metadata', detail: 'must be at most 64 KiB as JSON' }])
  return text
}

function expiryOf(token: string): string {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number
  }
  return new Date(payload.exp * 1000).toISOString()
}
