import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { type RenderOptions, readTimeline, renderChunk } from './chunk.ts'
import { joinChunks } from './join.ts'
import type { Chunk, ChunkSpan, RenderJob, RenderResult } from './messages.ts'
import { inWorkFolder } from './work-folder.ts'

const chunkMs = 60_000
const beforeJoining = 0.95

/** Makes the MP4 of a job, in chunks. Leaves nothing behind when it fails or is aborted. */
export async function render(job: RenderJob, { signal, onProgress }: RenderOptions): Promise<RenderResult> {
  const { output, from, to, fps, work, ...rest } = job
  const spans = spansOf(await readTimeline(job.directory), { from, to, fps })
  return inWorkFolder({ work, output }, async (folder) => {
    const chunks: Chunk[] = []
    const unreadable = new Set<string>()
    let intervals = 0
    for (const [index, span] of spans.entries()) {
      const video = join(folder, `${index}.mp4`)
      const audio = join(folder, `${index}.aac`)
      const result = await renderChunk(
        { ...rest, ...span, fps, work: folder, videoOutput: video, audioOutput: audio },
        { signal, onProgress: (done) => onProgress((beforeJoining * (index + done)) / spans.length) },
      )
      chunks.push({ video, audio, durationMs: result.durationMs })
      for (const file of result.unreadable) unreadable.add(file)
      intervals += result.intervals
    }
    const joined = await joinChunks({ chunks, output, fps, work: folder }, { signal, onProgress })
    return { ...joined, intervals, unreadable: [...unreadable] }
  })
}

/** The chunks of a recording, or of a stretch of it, at whole frames. */
function spansOf(
  timeline: Timeline,
  { from, to, fps }: { from: number | undefined; to: number | undefined; fps: number },
): ChunkSpan[] {
  const endMs = timeline.durationMs ?? lastChange(timeline)
  const startMs = (Math.floor((Math.max(0, from ?? 0) * fps) / 1000 + tolerance) * 1000) / fps
  const untilMs = Math.min(endMs, to ?? endMs)
  if (!(untilMs > startMs))
    throw new Error(`nothing lies between ${startMs} and ${untilMs} ms of this recording`)
  const count = Math.ceil((untilMs - startMs) / chunkMs)
  return Array.from({ length: count }, (_, index) => ({
    startMs,
    fromMs: startMs + index * chunkMs,
    untilMs: Math.min(startMs + (index + 1) * chunkMs, untilMs),
    isFirst: index === 0,
    isLast: index === count - 1,
  }))
}

const tolerance = 1e-6

/** As much of a recording that goes on as is known. */
function lastChange({ participants, pauses, speakers, tracks }: Timeline): number {
  const spans = [...participants, ...pauses, ...tracks, ...tracks.flatMap(({ parts }) => parts)]
  const times = [
    ...spans.map(({ fromMs, untilMs }) => untilMs ?? fromMs),
    ...speakers.map(({ atMs }) => atMs),
  ]
  return Math.max(0, ...times)
}
