import type { MediaFrame } from './frame.ts'

/** Takes bytes to append to a file. Each call is a whole page or block, so a file that ends anywhere plays up to there. */
export type Append = (bytes: Buffer) => void

/**
 * What became of a frame: `skipped` ones have no place in the file (before its first key frame, or of a time that is written
 * already), and `incompatible` ones belong at the beginning of a new file.
 */
export type WriteResult = 'written' | 'skipped' | 'incompatible'

/** Appends the frames of one track to one file, which is whole after every call and is never read or patched. */
export interface TrackWriter {
  /** Time in milliseconds from the recording's start, with fractions; frames come in decoding order. */
  write(frame: MediaFrame, timeMs: number): WriteResult
  /** Appends what is held back for a fuller page. */
  flush(): void
  /** Ends the file; what comes afterwards is skipped. */
  close(): void
  /** Bytes appended so far. */
  readonly sizeBytes: number
  /** Of sound: where what is written ends, counted by its samples. */
  readonly endMs?: number
}
