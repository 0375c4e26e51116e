import type { Role } from '@rtcstack/contract'
import type { Caller } from '../http/auth.ts'
import { problems } from '../http/problem.ts'

/** What participants may do to others, or to the room, with their own token. */
export type Permission = 'mute' | 'kick' | 'record' | 'endRoom'

const permissions: Record<Role, readonly Permission[]> = {
  host: ['mute', 'kick', 'record', 'endRoom'],
  moderator: ['mute'],
  participant: [],
  viewer: [],
}

/** Whether a role has a permission; tokens without a role of ours have none. */
export const roleAllows = (role: Role | undefined, permission: Permission): boolean =>
  role !== undefined && Object.hasOwn(permissions, role) && permissions[role].includes(permission)

/** Throws `forbidden` unless the caller is the application, or a participant of this room whose role allows it. */
export function requirePermission(caller: Caller, permission: Permission, room: string): void {
  if (caller.kind === 'application') return
  if (caller.room !== room) throw problems.forbidden('This token is for another room')
  if (!roleAllows(caller.role, permission)) throw problems.forbidden('This token’s role does not allow this')
}
