import { open, readFile, rename, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { type AppendFile, openAppendFile } from './append-file.ts'
import type { TimelineEvent } from './timeline-event.ts'

const journalFile = 'timeline.jsonl'
export const timelineFile = 'timeline.json'

/** The events of a recording, a line of JSON each, with the system as soon as they have happened. */
export interface Journal {
  /** Resolves when others can read it, or never will. */
  write(event: TimelineEvent): Promise<void>
  close: AppendFile['close']
}

export function openJournal(directory: string, failed: (error: Error) => void): Journal {
  const file = openAppendFile({ path: join(directory, journalFile), flags: 'a', failed })
  return {
    write: (event) => {
      file.append(Buffer.from(`${JSON.stringify(event)}\n`))
      return file.flush()
    },
    close: file.close,
  }
}

/** What a journal holds; none where there is no journal. A last line that is torn, or being written, is left out. */
export async function readJournal(directory: string): Promise<TimelineEvent[]> {
  const bytes = await readBytes(directory)
  const lines = bytes.toString('utf8', 0, wholeBytesOf(bytes)).split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as TimelineEvent)
}

/** Cuts off a last line that was torn, so that others can follow. No recorder may be at work in the folder. */
export async function mendJournal(directory: string): Promise<void> {
  const bytes = await readBytes(directory)
  const wholeBytes = wholeBytesOf(bytes)
  if (wholeBytes < bytes.length) await truncate(join(directory, journalFile), wholeBytes)
}

const wholeBytesOf = (bytes: Buffer) => bytes.lastIndexOf('\n') + 1

const readBytes = (directory: string) =>
  readFile(join(directory, journalFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })

/** Writes `timeline.json`, which is there whole or not at all. */
export async function writeTimeline(directory: string, timeline: Timeline): Promise<void> {
  const draft = join(directory, `${timelineFile}.draft`)
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(timeline))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, join(directory, timelineFile))
}
