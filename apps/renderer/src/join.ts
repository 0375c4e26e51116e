import { createReadStream, createWriteStream } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { RenderOptions } from './chunk.ts'
import { runFfmpeg } from './ffmpeg.ts'
import type { JoinJob, JoinResult } from './messages.ts'
import { frameSamples, samplesPerMs } from './sound-plan.ts'
import { verify } from './verify.ts'
import { inWorkFolder } from './work-folder.ts'

/** A file of pictures and how long it is to be shown. */
export interface Piece {
  file: string
  durationMs: number
}

interface Place {
  fps: number
  folder: string
  output: string
  signal: AbortSignal
}

/** Makes one MP4 of chunks. Nothing is encoded, so it takes as long as copying does. */
export async function joinChunks(job: JoinJob, { signal, onProgress }: RenderOptions): Promise<JoinResult> {
  const { chunks, output, fps, work } = job
  const durationMs = chunks.reduce((sum, chunk) => sum + chunk.durationMs, 0)
  return inWorkFolder({ work, output }, async (folder) => {
    const sound = join(folder, 'sound.aac')
    // Frames of ADTS are self-contained: files of them one after the other are one, and no rounded duration comes into it.
    for (const { audio } of chunks)
      await pipeline(createReadStream(audio), createWriteStream(sound, { flags: 'a' }), { signal })
    const pictures = chunks.map(({ video, durationMs }) => ({ file: video, durationMs }))
    const joined = join(folder, 'joined.mp4')
    await concat({ pictures, sound }, { fps, folder, output: joined, signal })
    const frames = Math.round((durationMs * fps) / 1000)
    const sizeBytes = await verify(joined, { durationMs, frames, fps }, signal)
    await rename(joined, output)
    onProgress(1)
    return { durationMs, sizeBytes }
  })
}

/** Joins pictures alone. */
export const concatPictures = (pictures: Piece[], place: Place): Promise<void> => concat({ pictures }, place)

async function concat(
  { pictures, sound }: { pictures: Piece[]; sound?: string },
  { fps, folder, output, signal }: Place,
): Promise<void> {
  const list = join(folder, 'pictures.txt')
  await writeFile(list, concatList(pictures))
  // The encoder's first frame comes before the first sample; so does the file's, which then says to skip it.
  const primingSeconds = frameSamples / samplesPerMs / 1000
  const soundInput = sound ? ['-itsoffset', String(-primingSeconds), '-f', 'aac', '-i', sound] : []
  await runFfmpeg(
    [
      ...['-f', 'concat', '-safe', '0', '-i', list, ...soundInput, '-map', '0:v'],
      ...(sound ? ['-map', '1:a'] : []),
      ...['-c', 'copy', '-bsf:v', `setts=pts=PTS:dts=(N-${reorderedFrames})/(${fps}*TB)`],
      ...['-video_track_timescale', String(fps * ticksPerFrame)],
      ...['-movflags', '+faststart', '-f', 'mp4', output],
    ],
    signal,
  )
}

/** Frames are whole ticks at any frame rate. */
const ticksPerFrame = 600

/**
 * How far x264 lets decoding times run ahead of what is shown. A piece of one or two frames it leaves out of step with those
 * beside it, so that frames are decoded too late, or too soon: all are set anew.
 */
const reorderedFrames = 2

/** The concat demuxer's list. Durations are stated, for those of files are rounded; each is the distance of two rounded times, so no error adds up. */
function concatList(pieces: Piece[]): string {
  let untilMs = 0
  const entries = pieces.map(({ file, durationMs }) => {
    const fromMicroseconds = Math.round(untilMs * 1000)
    untilMs += durationMs
    const microseconds = Math.round(untilMs * 1000) - fromMicroseconds
    return `file '${file.replaceAll("'", "'\\''")}'\nduration ${(microseconds / 1e6).toFixed(6)}\n`
  })
  return `ffconcat version 1.0\n${entries.join('')}`
}
