import { flvHeader, flvTag, type VideoConfig, type VideoFrame } from '@rtcstack/rtmp'
import { type FfmpegPipe, flvInput, openFfmpeg } from '../ffmpeg-pipe.ts'
import { createFlvReader } from './read-flv.ts'

export interface Transcoder {
  take(event: VideoConfig | VideoFrame): void
  readonly waitingBytes: number
  close(): void
}

export interface TranscoderOptions {
  /** What is shown before this is decoded, as the rest needs it, and not encoded. */
  fromMs: number
  onEvent(event: VideoConfig | VideoFrame): void
  onDrained: () => void
  onFailed: (detail: string) => void
}

/** Encodes H.264 anew, without B-frames and with a key frame every two seconds. Times stay as they are. */
export function openTranscoder({ fromMs, onEvent, onDrained, onFailed }: TranscoderOptions): Transcoder {
  const readFlv = createFlvReader()
  const ffmpeg: FfmpegPipe = openFfmpeg({
    args: transcodeArguments(fromMs),
    onOutput: (bytes) => readFlv(bytes).forEach(onEvent),
    onDrained,
    onFailed,
  })
  ffmpeg.write(flvHeader({ hasVideo: true, hasAudio: false }))
  return {
    take: (event) => ffmpeg.write(flvTag(event, event.decodeMs)),
    get waitingBytes() {
      return ffmpeg.waitingBytes
    },
    close: ffmpeg.close,
  }
}

export const transcodeArguments = (fromMs: number): string[] => [
  ...flvInput,
  ...['-map', '0:v:0', '-vf', `trim=start=${fromMs / 1000}`, '-pix_fmt', 'yuv420p'],
  ...['-fps_mode', 'passthrough', '-enc_time_base', '-1'],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  ...['-crf', '23', '-maxrate', '4M', '-bufsize', '4M'],
  ...['-force_key_frames', 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+2))'],
  ...['-flush_packets', '1', '-f', 'flv', 'pipe:1'],
]
