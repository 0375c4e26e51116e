/** What a LiveKit access token says. Times are seconds since 1970. */
export interface TokenClaims {
  /** Identity of the participant. */
  sub?: string
  /** API key that signed it. */
  iss?: string
  name?: string
  exp?: number
  nbf?: number
  metadata?: string
  kind?: string
  attributes?: Record<string, string>
  /** The grants: room, roomJoin, canPublish … */
  video?: Record<string, unknown>
  [claim: string]: unknown
}

/** Decodes the claims of a JWT without checking its signature; throws when the text is no JWT. */
export function readTokenClaims(jwt: string): TokenClaims {
  const parts = jwt.split('.')
  if (parts.length !== 3) throw new Error(`a JWT has three parts, this text has ${parts.length}`)
  const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'))
  if (typeof claims !== 'object' || claims === null)
    throw new Error('the payload of the JWT is not an object')
  return claims as TokenClaims
}
