import { join } from 'node:path'
import { renderChunk } from '../chunk.ts'
import { joinChunks } from '../join.ts'
import type { Chunk, ChunkSpan, Look } from '../messages.ts'

export const options = () => ({ signal: new AbortController().signal, onProgress: () => undefined })

/** The spans of a recording's chunks. */
export function spansOf(durationMs: number, chunkMs: number): ChunkSpan[] {
  const count = Math.ceil(durationMs / chunkMs)
  return Array.from({ length: count }, (_, index) => ({
    fromMs: index * chunkMs,
    untilMs: Math.min((index + 1) * chunkMs, durationMs),
    isFirst: index === 0,
    isLast: index === count - 1,
  }))
}

interface Rendering {
  directory: string
  /** Of the files that are made, in the folder. */
  name: string
  look: Look
  spans: ChunkSpan[]
}

/** Renders a folder's recording chunk by chunk and joins them; the MP4, and what it was made of. */
export async function renderInChunks({ directory, name, look, spans }: Rendering) {
  const chunks: Chunk[] = []
  for (const [index, span] of spans.entries()) {
    const video = join(directory, `${name}-${index}.mp4`)
    const audio = join(directory, `${name}-${index}.aac`)
    const outputs = { videoOutput: video, audioOutput: audio }
    const { durationMs } = await renderChunk(
      { directory, ...look, ...span, ...outputs, concurrency: 2 },
      options(),
    )
    chunks.push({ video, audio, durationMs })
  }
  const output = join(directory, `${name}.mp4`)
  const result = await joinChunks({ chunks, output, fps: look.fps }, options())
  return { output, chunks, result }
}
