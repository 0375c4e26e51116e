/** The participant attribute that says up to which kick a token knows; LiveKit keeps it when it refreshes a token. */
export const epochAttribute = 'rtcstack.epoch'

/** What is known against an identity in a room. */
export interface Standing {
  /** Number of its last kick; rises with every kick anywhere. */
  epoch: number
  kickedAt: Date
  /** Until when new tokens are refused; null is for ever; a past time means no ban. */
  bannedUntil: Date | null
}

/** What a token, or a participant who joined with one, shows. */
export interface Credential {
  /** Value of the epoch attribute; absent in tokens that others made. */
  epoch: string | undefined
  /** For tokens of others: when it was made, or when its holder joined. */
  issuedAt: Date
}

/** Whether the credential is from before the identity's last kick. */
export function isRevoked(credential: Credential, standing: Standing | undefined): boolean {
  if (!standing) return false
  // Not "lower": an honest token never knows of a later kick.
  if (credential.epoch !== undefined) return credential.epoch !== String(standing.epoch)
  return credential.issuedAt <= standing.kickedAt
}

/** The ban in force at a time: until when (null is for ever), or undefined where there is none. */
export function activeBan(standing: Standing | undefined, now: Date): { until: Date | null } | undefined {
  if (!standing) return undefined
  const { bannedUntil } = standing
  return bannedUntil === null || bannedUntil > now ? { until: bannedUntil } : undefined
}
