import type { ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'

/** Where something is known from: LiveKit's webhook, our own act through the API, or a comparison with LiveKit. */
export type Origin = 'livekit' | 'api' | 'poll'

/** Something seen of a room. Track events name their participant and room by sid and name alone. */
export type Observation = { at: Date; origin: Origin; room: Room } & (
  | { kind: 'room-started' | 'room-finished' }
  | { kind: 'participant-joined' | 'participant-left'; participant: ParticipantInfo; helper: boolean }
  /** It left before its media was connected: LiveKit tells of no join. */
  | { kind: 'participant-aborted'; participant: ParticipantInfo }
  | { kind: 'track-published'; participant: ParticipantInfo; track: TrackInfo }
)

/** What is seen of a participant who is there: that it joined, and what it publishes. */
export const presenceOf = (
  seen: { at: Date; origin: Origin; room: Room },
  participant: ParticipantInfo,
): Observation[] => [
  { ...seen, kind: 'participant-joined', participant, helper: false },
  ...participant.tracks.map(
    (track): Observation => ({ ...seen, kind: 'track-published', participant, track }),
  ),
]

/** A room's life, as far as it is known. */
export interface SessionState {
  sid: string
  room: string
  /** As last seen whole. */
  info: Room
  startedAt: Date
  endedAt: Date | null
  present: number
  peak: number
}

/** A participant's stay. `unseen`: only its tracks have been heard of; `nobody`: a helper of ours, or who never came in. */
export interface ParticipantState {
  sid: string
  session: string
  stage: 'unseen' | 'present' | 'left' | 'nobody'
  info: ParticipantInfo
  joinedAt: Date | null
  leftAt: Date | null
  /** Sids of the tracks that were told of. */
  tracks: string[]
  /** Tracks to be told of when the join is known. */
  waiting: TrackInfo[]
}

/** The time of protojson's milliseconds since 1970, where there is one. */
export function instantOf(milliseconds: string): Date | undefined {
  const value = Number(milliseconds)
  return value > 0 ? new Date(value) : undefined
}
