import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mastering } from './audio.ts'
import { probe, runFfmpeg } from './ffmpeg.ts'
import { seconds } from './filter-graph.ts'

/** A rendered stretch. */
export interface Piece {
  file: string
  durationMs: number
}

/** Joins pictures without encoding them again and sound by encoding it once, which leaves no seam, into one MP4. */
export async function joinPieces(
  pieces: { video: Piece[]; audio: Piece[] },
  { folder, output, signal }: { folder: string; output: string; signal: AbortSignal },
): Promise<void> {
  const inputs: string[] = []
  for (const [kind, list] of Object.entries(pieces)) {
    const file = join(folder, `${kind}.txt`)
    await writeFile(file, concatList(list))
    inputs.push('-f', 'concat', '-safe', '0', '-i', file)
  }
  await runFfmpeg(
    [
      ...inputs,
      ...['-map', '0:v', '-c:v', 'copy', '-video_track_timescale', '90000'],
      ...['-map', '1:a', '-af', mastering, '-c:a', 'aac', '-b:a', '128k'],
      ...['-movflags', '+faststart', '-f', 'mp4', output],
    ],
    signal,
  )
}

/** The concat demuxer's list. Durations are stated, for those of files are rounded and the error would add up. */
const concatList = (pieces: Piece[]) =>
  `ffconcat version 1.0\n${pieces
    .map(
      ({ file, durationMs }) => `file '${file.replaceAll("'", "'\\''")}'\nduration ${seconds(durationMs)}\n`,
    )
    .join('')}`

interface Probed {
  format: { duration: string }
  streams: { codec_name: string; profile?: string; pix_fmt?: string; duration?: string; nb_frames?: string }[]
}

/** Fails unless a file is what a render promises: both streams, and their duration. The size in bytes. */
export async function verify(
  file: string,
  expected: { durationMs: number; frames: number },
  signal: AbortSignal,
): Promise<number> {
  const entries = 'format=duration:stream=codec_name,profile,pix_fmt,duration,nb_frames'
  const { streams, format } = await probe<Probed>(['-show_entries', entries, file], signal)
  const [video, audio] = streams
  const found = {
    video: video?.codec_name,
    profile: video?.profile,
    pixels: video?.pix_fmt,
    audio: audio?.codec_name,
  }
  const wanted = { video: 'h264', profile: 'High', pixels: 'yuv420p', audio: 'aac' }
  const isRight =
    JSON.stringify(found) === JSON.stringify(wanted) &&
    Number(video?.nb_frames) === expected.frames &&
    [format.duration, video?.duration, audio?.duration].every(
      (duration) => Math.abs(Number(duration) * 1000 - expected.durationMs) <= 100,
    )
  if (!isRight)
    throw new Error(
      `the joined file is not what was rendered: ${JSON.stringify({ expected, format, streams })}`,
    )
  return (await stat(file)).size
}
