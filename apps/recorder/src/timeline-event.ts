import type { Timeline, TimelineParticipant, TimelineSpan, TimelineTrack } from '@rtcstack/contract'

type Participant = Omit<TimelineParticipant, keyof TimelineSpan>
type Track = Pick<TimelineTrack, 'sid' | 'participantSid' | 'kind' | 'source'>
type Codec = TimelineTrack['parts'][number]['codec']

/** A line of the journal: what happened, in milliseconds from the recording's start. `started` comes first, and once. */
export type TimelineEvent =
  | { type: 'started'; version: 1; recordingId: string; room: Timeline['room']; startedAt: string }
  /** Also said when something about a participant has changed. */
  | { type: 'joined'; atMs: number; participant: Participant }
  | { type: 'left'; atMs: number; sid: string }
  | { type: 'published'; atMs: number; track: Track; muted: boolean }
  | { type: 'muted' | 'unmuted' | 'unpublished'; atMs: number; sid: string }
  | { type: 'speaking'; atMs: number; sids: string[] }
  | { type: 'paused' | 'resumed'; atMs: number }
  /** Packets of a track that were sent did not come. */
  | { type: 'lost'; sid: string; fromMs: number; untilMs: number }
  /** LiveKit could not be reached. */
  | { type: 'away'; fromMs: number; untilMs: number }
  | { type: 'opened'; sid: string; file: string; codec: Codec; mediaType: string; atMs: number }
  | { type: 'closed'; file: string; untilMs: number; sizeBytes: number }
  /** Another recorder goes on, from where the one before it ended. */
  | { type: 'taken-over'; fromMs: number; atMs: number }
  /** All who are in the room have been told. */
  | { type: 'connected'; atMs: number }
  /** Nothing, but that the recorder was there. */
  | { type: 'alive'; atMs: number }
  | { type: 'ended'; atMs: number }

/** The last time that the events tell of. */
export const lastTimeOf = (events: readonly TimelineEvent[]): number =>
  events.reduce(
    (last, event) => Math.max(last, 'atMs' in event ? event.atMs : 0, 'untilMs' in event ? event.untilMs : 0),
    0,
  )
