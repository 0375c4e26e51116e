import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { wallClockMs } from '@rtcstack/room-tap'
import { openJournal, readJournal, timelineFile, writeTimeline } from './journal.ts'
import type { RecordedPart } from './messages.ts'
import { recordedPart } from './recorded-part.ts'
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
  /** Is written when there is a start. Resolves when others can read it, or never will. */
  tell(event: TimelineEvent): Promise<void>
  /** Files that the journal has told of; some need not be here any more. */
  readonly knownFiles: readonly string[]
  /** Parts that the recorder before this one left open, and that hold something. */
  readonly mendedParts: readonly RecordedPart[]
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
  const { events: before, ends } = await mend(directory)
  const openings = before.filter((event) => event.type === 'opened')
  const journal = openJournal(directory, failed)
  const [first] = before
  let startedAtMs = first?.type === 'started' ? Date.parse(first.startedAt) : undefined
  let held: TimelineEvent[] = []

  const nowMs = () => (startedAtMs === undefined ? 0 : Math.max(0, wallClockMs() - startedAtMs))
  const tell = async (event: TimelineEvent) => {
    if (startedAtMs === undefined) held.push(event)
    else await journal.write(inWholeMs(event))
  }
  if (startedAtMs !== undefined) {
    await rm(join(directory, timelineFile), { force: true })
    const fromMs = lastTimeOf(before)
    void tell({ type: 'taken-over', fromMs, atMs: Math.max(fromMs, nowMs()) })
  }

  return {
    start: (atMs) => {
      if (startedAtMs !== undefined) return
      startedAtMs = Math.floor(atMs)
      const startedAt = new Date(startedAtMs).toISOString()
      void tell({
        type: 'started',
        version: 1,
        recordingId,
        room: room() ?? { sid: '', name: '' },
        startedAt,
      })
      for (const event of held) void tell(event)
      held = []
    },
    get startedAtMs() {
      return startedAtMs
    },
    nowMs,
    tell,
    knownFiles: openings.map(({ file }) => file),
    mendedParts: ends.flatMap((end) => {
      const opening = openings.find(({ file }) => file === end.file)
      return opening && end.sizeBytes > 0 ? [recordedPart(opening, end)] : []
    }),
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
