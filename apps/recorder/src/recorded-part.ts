import type { RecordedPart } from './messages.ts'
import type { TimelineEvent } from './timeline-event.ts'

type PartOpening = Extract<TimelineEvent, { type: 'opened' }>
export type PartEnd = Extract<TimelineEvent, { type: 'closed' }>

/** What is said of a file that has ended. */
export function recordedPart(
  { codec, atMs }: PartOpening,
  { file, sizeBytes, untilMs }: PartEnd,
): RecordedPart {
  const kind = codec === 'opus' ? 'audio' : 'video'
  return { type: 'part', file, kind, sizeBytes, fromMs: Math.round(atMs), untilMs: Math.round(untilMs) }
}

/** Says of each file that it has ended, when what tells of the end is written. */
export function createPartTeller(say: (part: RecordedPart) => void) {
  const openings = new Map<string, PartOpening>()
  return (event: TimelineEvent, written: Promise<void>): void => {
    if (event.type === 'opened') openings.set(event.file, event)
    if (event.type !== 'closed') return
    const opening = openings.get(event.file)
    openings.delete(event.file)
    if (opening && event.sizeBytes > 0) void written.then(() => say(recordedPart(opening, event)))
  }
}
