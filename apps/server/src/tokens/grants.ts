import type { Role } from '@rtcstack/contract'
import type { VideoGrant } from 'livekit-server-sdk'

/** What each role may do, in LiveKit's terms. "Mute others" has no grant there: see permissions.ts. */
const roleGrants = {
  host: { canPublish: true, canSubscribe: true, canPublishData: true, roomAdmin: true },
  moderator: { canPublish: true, canSubscribe: true, canPublishData: true, roomAdmin: false },
  participant: { canPublish: true, canSubscribe: true, canPublishData: true, roomAdmin: false },
  viewer: { canPublish: false, canSubscribe: true, canPublishData: false, roomAdmin: false },
} as const satisfies Record<Role, VideoGrant>

/** The grants of a token: each set, since LiveKit reads an absent one as yes. */
export function grantsFor(role: Role, room: string): VideoGrant {
  return { room, roomJoin: true, canUpdateOwnMetadata: false, ...roleGrants[role] }
}
