import type { LayoutName } from './scene.ts'

/** What is to be made: an MP4 of a recording's folder, or of a stretch of it. */
export interface RenderJob {
  /** Holds `timeline.json` and the files that it names. */
  directory: string
  /** The MP4; it appears when it is whole. */
  output: string
  /** Milliseconds from the recording's start; by default all of it. */
  from?: number
  to?: number
  layout?: LayoutName
  width: number
  height: number
  fps: number
  /** x264's constant rate factor: lower is better and larger. */
  crf: number
  /** How many ffmpeg processes run at once. */
  concurrency: number
}

/** What was made. */
export interface RenderResult {
  durationMs: number
  sizeBytes: number
  intervals: number
  /** Files of the timeline that are missing or do not open; their tiles show a placeholder, their sound is silence. */
  unreadable: string[]
}

/** From the parent to the renderer; the first message starts the job. */
export type JobMessage = { type: 'render'; job: RenderJob } | { type: 'cancel' }

/** From the renderer to its parent; the last one is `done` or `failed`. */
export type RendererMessage =
  | { type: 'progress'; progress: number }
  | { type: 'done'; result: RenderResult }
  | { type: 'failed'; reason: string }
