import type { Timeline } from '@rtcstack/contract'
import { readJournal } from './journal.ts'
import { timelineOf } from './timeline.ts'

/**
 * The timeline as the journal tells it now; undefined before the start. Only reads, so a recorder may be at work in the
 * folder: then there is no duration, and parts that are being written have no end.
 */
export async function readTimeline(directory: string): Promise<Timeline | undefined> {
  return timelineOf(await readJournal(directory))
}
