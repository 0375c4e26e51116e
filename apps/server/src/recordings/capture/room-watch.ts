import type { RecordingEndReason } from '@rtcstack/contract'

export interface RoomLimits {
  /** How long a recording may be; 0 for as long as the call. */
  maxMinutes: number
  /** Nobody in the room for so long ends the recording; 0 for never. */
  emptyRoomSeconds: number
}

/** Follows what a recorder says of its room, and tells when that is a reason to end. */
export function createRoomWatch({ maxMinutes, emptyRoomSeconds }: RoomLimits) {
  let emptySinceMs: number | undefined
  return ({
    durationMs,
    participants,
  }: {
    durationMs: number
    participants: number
  }): RecordingEndReason | undefined => {
    if (participants > 0) emptySinceMs = undefined
    else emptySinceMs ??= durationMs
    if (maxMinutes > 0 && durationMs >= maxMinutes * 60_000) return 'max-duration'
    const emptyMs = emptySinceMs === undefined ? 0 : durationMs - emptySinceMs
    return emptyRoomSeconds > 0 && emptyMs >= emptyRoomSeconds * 1_000 ? 'room-empty' : undefined
  }
}
