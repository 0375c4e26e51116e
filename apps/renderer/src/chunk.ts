import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { withoutHoles } from './footage.ts'
import { type Interval, planIntervals } from './intervals.ts'
import { concatPictures } from './join.ts'
import type { ChunkJob, RenderResult } from './messages.ts'
import { partsWithin, presentParts, readableParts } from './parts.ts'
import { runAll } from './run-all.ts'
import { createRuns } from './runs.ts'
import { planSound } from './sound-plan.ts'
import { sourceSpan } from './source-span.ts'
import { inWorkFolder } from './work-folder.ts'

export interface RenderOptions {
  signal: AbortSignal
  /** From 0 to 1. */
  onProgress: (progress: number) => void
}

const timelineVersion = 1
/** Shorter ones cost more, for each of them decodes what is before it in its files. */
const shortestMs = 10_000
/** What of the work is done when all that is left is joining. */
const beforeJoining = 0.95

/** The timeline of a folder. */
export async function readTimeline(directory: string): Promise<Timeline> {
  const timeline = JSON.parse(await readFile(join(directory, 'timeline.json'), 'utf8')) as Timeline
  if (timeline.version !== timelineVersion)
    throw new Error(`no reader for a timeline of version ${timeline.version}`)
  return timeline
}

/** Makes the pieces of a job. Leaves nothing behind when it fails or is aborted. */
export async function renderChunk(job: ChunkJob, options: RenderOptions): Promise<RenderResult> {
  const { directory, videoOutput: output, work } = job
  const needed = partsWithin(withoutHoles(await readTimeline(directory)), sourceSpan(job))
  const present = await presentParts(needed, directory)
  const attempt = (timeline: Timeline) =>
    inWorkFolder({ work, output }, (folder) => makePieces(job, { ...options, timeline, folder }))
  try {
    return { ...(await attempt(present.timeline)), unreadable: present.unreadable }
  } catch (error) {
    if (options.signal.aborted) throw error
    // Looking into every file beforehand would cost as much as a second of the call.
    const readable = await readableParts(present.timeline, directory, options.signal)
    if (readable.unreadable.length === 0) throw error
    const unreadable = [...present.unreadable, ...readable.unreadable]
    return { ...(await attempt(readable.timeline)), unreadable }
  }
}

interface Making extends RenderOptions {
  timeline: Timeline
  folder: string
}

async function makePieces(
  job: ChunkJob,
  { timeline, folder, signal, onProgress }: Making,
): Promise<Omit<RenderResult, 'unreadable'>> {
  const { layout = 'screen', fps, concurrency, fromMs, untilMs, directory } = job
  const longestMs = Math.max(shortestMs, (untilMs - fromMs) / concurrency)
  const intervals = planIntervals(timeline, { layout, fps, fromMs, untilMs, longestMs })
  const runs = createRuns({ look: job, timeline, directory, folder, signal })
  const pictures: string[] = []
  let sound = ''
  const works = [
    async () => {
      sound = await runs.audio(planSound(job))
    },
    ...intervals.map((interval, index) => async () => {
      pictures[index] = await runs.video(String(index), interval)
    }),
  ]
  const onDone = (done: number) => onProgress((beforeJoining * done) / works.length)
  await runAll({ works, concurrency, signal, onDone })

  const video = join(folder, 'video.mp4')
  const pieces = intervals.map((interval, index) => ({
    file: pictures[index] as string,
    durationMs: interval.untilMs - interval.fromMs,
  }))
  await concatPictures(pieces, { fps, folder, output: video, signal })
  const sizeBytes = (await stat(video)).size + (await stat(sound)).size
  await rename(sound, job.audioOutput)
  await rename(video, job.videoOutput)
  onProgress(1)
  return { durationMs: spanOf(intervals), sizeBytes, intervals: intervals.length }
}

const spanOf = (intervals: Interval[]) => (intervals.at(-1)?.untilMs ?? 0) - (intervals[0]?.fromMs ?? 0)
