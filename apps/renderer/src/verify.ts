import { stat } from 'node:fs/promises'
import { probe } from './ffmpeg.ts'

interface Promised {
  durationMs: number
  frames: number
  fps: number
}

interface Probed {
  format: { duration: string }
  streams: {
    codec_name: string
    profile?: string
    pix_fmt?: string
    duration?: string
    nb_frames?: string
    r_frame_rate?: string
    avg_frame_rate?: string
  }[]
}

const toleranceMs = 100

/** Fails unless a file is what a render promises: both streams, each of the duration, all frames, as far apart as each other. The size in bytes. */
export async function verify(
  file: string,
  { durationMs, frames, fps }: Promised,
  signal: AbortSignal,
): Promise<number> {
  const entries =
    'format=duration:stream=codec_name,profile,pix_fmt,duration,nb_frames,r_frame_rate,avg_frame_rate'
  const { streams, format } = await probe<Probed>(['-show_entries', entries, file], signal)
  const [video, audio] = streams
  const found = {
    video: video?.codec_name,
    profile: video?.profile,
    pixels: video?.pix_fmt,
    rates: [video?.r_frame_rate, video?.avg_frame_rate],
    frames: Number(video?.nb_frames),
    audio: audio?.codec_name,
  }
  const rate = `${fps}/1`
  const wanted = {
    video: 'h264',
    profile: 'High',
    pixels: 'yuv420p',
    rates: [rate, rate],
    frames,
    audio: 'aac',
  }
  const isRight =
    JSON.stringify(found) === JSON.stringify(wanted) &&
    [format.duration, video?.duration, audio?.duration].every(
      (duration) => Math.abs(Number(duration) * 1000 - durationMs) <= toleranceMs,
    )
  if (!isRight)
    throw new Error(
      `the joined file is not what was rendered: ${JSON.stringify({ durationMs, wanted, format, streams })}`,
    )
  return (await stat(file)).size
}
