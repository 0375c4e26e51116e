import type { LayoutName } from './scene.ts'

/** How a recording is to look. */
export interface Look {
  layout?: LayoutName
  width: number
  height: number
  fps: number
  /** x264's constant rate factor: lower is better and larger. */
  crf: number
}

/** How and where it is worked at. */
interface Work {
  /** How many ffmpeg processes run at once. */
  concurrency: number
  /** A folder on the output's file system for what is made on the way; else it lies beside the output. Whoever kills the renderer removes it. */
  work?: string
}

/** An MP4 of a recording's folder, or of a stretch of it. */
export interface RenderJob extends Look, Work {
  /** Holds `timeline.json` and the files that it names. */
  directory: string
  /** The MP4; it appears when it is whole. */
  output: string
  /** Milliseconds from the recording's start; by default all of it. */
  from?: number
  to?: number
}

/** A stretch of a recording in milliseconds from its start. Chunks follow each other without a gap. */
export interface ChunkSpan {
  fromMs: number
  untilMs: number
  isFirst: boolean
  isLast: boolean
  /** Where the first of the chunks begins; 0 unless told. */
  startMs?: number
}

/** The picture and the sound of a chunk, to be joined with others by copying. */
export interface ChunkJob extends ChunkSpan, Look, Work {
  /** Holds `timeline.json`, which may be of a recording that goes on, and the files that it names of the time of `sourceSpan`. */
  directory: string
  /** An MP4 of H.264; it appears when it is whole, after the sound. */
  videoOutput: string
  /** AAC in ADTS frames. Its borders lie half a second before those of the picture. */
  audioOutput: string
}

/** What a chunk has become. */
export interface Chunk {
  video: string
  audio: string
  /** As the chunk's result says. */
  durationMs: number
}

/** One MP4 of all chunks of a recording, in their order. */
export interface JoinJob {
  chunks: Chunk[]
  output: string
  fps: number
  /** As above. */
  work?: string
}

/** What was made. */
export interface JoinResult {
  durationMs: number
  sizeBytes: number
}

export interface RenderResult extends JoinResult {
  intervals: number
  /** Files of the timeline that are missing or do not open; their tiles show a placeholder, their sound is silence. */
  unreadable: string[]
}

/** From the parent to the renderer; the first message starts the job. */
export type JobMessage =
  | { type: 'render'; job: RenderJob }
  | { type: 'chunk'; job: ChunkJob }
  | { type: 'join'; job: JoinJob }
  | { type: 'cancel' }

/** From the renderer to its parent; the last one is `done` or `failed`. A join's result is a `JoinResult`. */
export type RendererMessage =
  | { type: 'progress'; progress: number }
  | { type: 'done'; result: RenderResult | JoinResult }
  | { type: 'failed'; reason: string }
