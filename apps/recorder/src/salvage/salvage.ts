import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { mendJournal, openJournal, readJournal, writeTimeline } from '../journal.ts'
import type { PartEnd } from '../recorded-part.ts'
import { timelineOf } from '../timeline.ts'
import { lastTimeOf, type TimelineEvent } from '../timeline-event.ts'
import { keepWhole } from './whole-part.ts'

/**
 * Makes a recording of what a recorder left that was killed: files that end with what is whole in them, and the timeline up
 * to there. Undefined, when nothing had been recorded. No recorder may be at work in the folder.
 */
export async function salvage(directory: string): Promise<Timeline | undefined> {
  const { events } = await mend(directory)
  if (events.length === 0) return undefined
  const ended: TimelineEvent = { type: 'ended', atMs: lastTimeOf(events) }
  await append(directory, [ended])
  const timeline = timelineOf([...events, ended])
  if (timeline) await writeTimeline(directory, timeline)
  return timeline
}

/** What a journal tells once it is mended. */
export interface Mended {
  /** All of it, with the ends. */
  events: TimelineEvent[]
  /** Of the files that a killed recorder left open. */
  ends: PartEnd[]
}

/**
 * Ends the files that a killed recorder left open, and one that is gone as an empty one. A file that had been closed need
 * not be here: it may have been taken elsewhere.
 */
export async function mend(directory: string): Promise<Mended> {
  await mendJournal(directory)
  const events = await readJournal(directory)
  const closed = new Set(events.flatMap((event) => (event.type === 'closed' ? [event.file] : [])))
  const ends: PartEnd[] = []
  for (const event of events) {
    if (event.type !== 'opened' || closed.has(event.file)) continue
    const whole = await keepWhole(join(directory, event.file))
    ends.push({ type: 'closed', file: event.file, ...(whole ?? { untilMs: event.atMs, sizeBytes: 0 }) })
  }
  await append(directory, ends)
  return { events: [...events, ...ends], ends }
}

async function append(directory: string, events: TimelineEvent[]): Promise<void> {
  if (events.length === 0) return
  let failure: Error | undefined
  const journal = openJournal(directory, (error) => {
    failure = error
  })
  for (const event of events) void journal.write(event)
  await journal.close()
  if (failure) throw failure
}
