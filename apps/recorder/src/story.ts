import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { wallClockMs } from '@rtcstack/room-tap'
import { openJournal, readJournal, timelineFile, writeTimeline } from './journal.ts'
import { mend } from './salvage/salvage.ts'
import { timelineOf } from './timeline.ts'
import { lastTimeOf, type TimelineEvent } from './timeline-event.ts'

/** The recording's clock, and the journal of what happens by it. */
export interface Story {
  /** Starts the clock, if nothing has yet, at a time since 1970. */
  start(atMs: number): void
  readonly startedAtMs: number | undefined
  /** Milliseconds from the start; 0 before it. */
  nowMs(): number
  /** Is written when there is a start. */
  tell(event: TimelineEvent): void
  /** Whether the recorder before this one was paused when it ended. */
  readonly wasPaused: boolean
  /** Resolves when all is on the disk, or cannot be: to whether it is. */
  close(): Promise<boolean>
  /** After `close`: writes the timeline, and says how long it is. */
  writeTimeline(): Promise<number>
}

export interface StoryOptions {
  directory: string
  recordingId: string
  /** Known once the recorder is in it. */
  room(): { sid: string; name: string } | undefined
  failed(error: Error): void
}

/** Begins the journal of a folder, or goes on in the one there is, on its clock. */
export async function openStory({ directory, recordingId, room, failed }: StoryOptions): Promise<Story> {
  const before = await mend(directory)
  const journal = openJournal(directory, failed)
  const [first] = before
  let startedAtMs = first?.type === 'started' ? Date.parse(first.startedAt) : undefined
  let held: TimelineEvent[] = []

  const nowMs = () => (startedAtMs === undefined ? 0 : Math.max(0, wallClockMs() - startedAtMs))
  const tell = (event: TimelineEvent) => {
    if (startedAtMs === undefined) held.push(event)
    else journal.write(inWholeMs(event))
  }
  if (startedAtMs !== undefined) {
    await rm(join(directory, timelineFile), { force: true })
    const fromMs = lastTimeOf(before)
    tell({ type: 'taken-over', fromMs, atMs: Math.max(fromMs, nowMs()) })
  }

  return {
    start: (atMs) => {
      if (startedAtMs !== undefined) return
      startedAtMs = Math.floor(atMs)
      const startedAt = new Date(startedAtMs).toISOString()
      tell({ type: 'started', version: 1, recordingId, room: room() ?? { sid: '', name: '' }, startedAt })
      for (const event of held) tell(event)
      held = []
    },
    get startedAtMs() {
      return startedAtMs
    },
    nowMs,
    tell,
    wasPaused: timelineOf(before)?.pauses.at(-1)?.untilMs === null,
    close: journal.close,
    writeTimeline: async () => {
      const timeline = timelineOf(await readJournal(directory))
      if (!timeline) throw new Error('the journal does not tell of a start')
      await writeTimeline(directory, timeline)
      return timeline.durationMs ?? 0
    },
  }
}

function inWholeMs(event: TimelineEvent): TimelineEvent {
  const entries = Object.entries(event).map(([name, value]) => [
    name,
    name.endsWith('Ms') ? Math.round(value as number) : value,
  ])
  return Object.fromEntries(entries) as TimelineEvent
}
