import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Role } from '@rtcstack/contract'
import { problems } from './problem.ts'

/** Who makes a request: an application by its key, or a participant by its own LiveKit token. */
export type Caller =
  | {
      kind: 'application' /** Names the key in logs and budgets without giving it away. */
      id: string
      key: string
    }
  | { kind: 'participant'; id: string; room: string; identity: string; role: Role | undefined }

export interface Credentials {
  headers: IncomingHttpHeaders
  /** All header names and values as they came, to see repeated ones. */
  rawHeaders: string[]
}

/** Verifies a participant's LiveKit token; throws `unauthorized` or `participant-banned`. */
export type VerifyParticipant = (
  token: string,
) => Promise<{ room: string; identity: string; role: Role | undefined }>

export interface AuthenticatorOptions {
  apiKeys: readonly string[]
  verifyParticipant: VerifyParticipant
}

/** Makes the check of a request's credentials. Keys are compared by digest, all of them, in constant time. */
export function createAuthenticator({ apiKeys, verifyParticipant }: AuthenticatorOptions) {
  const known = apiKeys.map((key) => ({ digest: sha256(key), id: sha256(key).toString('hex').slice(0, 12) }))

  function application({ headers, rawHeaders }: Credentials): Caller {
    const key = headers['x-api-key']
    const digest = sha256(typeof key === 'string' ? key : '')
    let found: string | undefined
    for (const candidate of known) if (timingSafeEqual(candidate.digest, digest)) found = candidate.id
    if (typeof key !== 'string' || isRepeated(rawHeaders, 'x-api-key') || found === undefined)
      throw problems.unauthorized('A valid X-API-Key header is needed')
    return { kind: 'application', id: found, key }
  }

  async function participant(authorization: string): Promise<Caller> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1]
    if (token === undefined)
      throw problems.unauthorized('The Authorization header must be Bearer and a LiveKit token')
    const { room, identity, role } = await verifyParticipant(token)
    return { kind: 'participant', id: JSON.stringify([room, identity]), room, identity, role }
  }

  return {
    application,
    /** The key where there is one, and otherwise the participant's token. */
    async applicationOrParticipant(credentials: Credentials): Promise<Caller> {
      const { authorization } = credentials.headers
      if (credentials.headers['x-api-key'] !== undefined || authorization === undefined)
        return application(credentials)
      if (isRepeated(credentials.rawHeaders, 'authorization'))
        throw problems.unauthorized('The Authorization header must be given once')
      return participant(authorization)
    },
  }
}

export type Authenticator = ReturnType<typeof createAuthenticator>

const sha256 = (text: string) => createHash('sha256').update(text).digest()

function isRepeated(rawHeaders: string[], name: string): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === name) count++
  return count > 1
}
