import type { RecordedPart } from './messages.ts'
import type { TimelineEvent } from './timeline-event.ts'

export type PartOpening = Extract<TimelineEvent, { type: 'opened' }>
export type PartEnd = Extract<TimelineEvent, { type: 'closed' }>

/** What is said of a file that has ended. */
export function recordedPart(
  { codec, atMs }: PartOpening,
  { file, sizeBytes, untilMs }: PartEnd,
): RecordedPart {
  const kind = codec === 'opus' ? 'audio' : 'video'
  return { type: 'part', file, kind, sizeBytes, fromMs: Math.round(atMs), untilMs: Math.round(untilMs) }
}
