import { type AudioConfig, type AudioFrame, flvHeader, flvTag } from '@rtcstack/rtmp'
import { type FfmpegPipe, flvInput, openFfmpeg } from '../ffmpeg-pipe.ts'

/** How sound gets from the encoder to LiveKit: AAC becomes Opus. */
export interface AudioPath {
  take(event: AudioConfig | AudioFrame): void
  readonly waitingBytes: number
  close(): void
}

export interface AudioPathOptions {
  /** A packet of Opus and the media's time at which it begins. */
  send(packet: Buffer, timeMs: number): void
  onDrained: () => void
  onFailed: (detail: string) => void
}

// Packets of one length need no container, and the muxer of Ogg would hold each of them back until the next is there.
const bitsPerSecond = 96_000
const packetMs = 10
const packetBytes = (bitsPerSecond * packetMs) / 8_000
/** A decoder's output is late by this much, so that a packet begins before its samples. */
const preSkipMs = 6.5

export function createAudioPath({ send, onDrained, onFailed }: AudioPathOptions): AudioPath {
  let ffmpeg: FfmpegPipe | undefined
  let partial: Buffer = Buffer.alloc(0)
  let firstMs: number | undefined
  let packets = 0

  function takeOpus(bytes: Buffer): void {
    const all = Buffer.concat([partial, bytes])
    let at = 0
    for (; at + packetBytes <= all.length; at += packetBytes) {
      // Where sound is missing ffmpeg puts silence in, so that the count of packets is their time.
      send(all.subarray(at, at + packetBytes), (firstMs ?? 0) - preSkipMs + packets * packetMs)
      packets++
    }
    partial = all.subarray(at)
  }

  return {
    take(event) {
      if (!ffmpeg) {
        if (event.type !== 'audio-config') return
        ffmpeg = openFfmpeg({ args: opusArguments, onOutput: takeOpus, onDrained, onFailed })
        ffmpeg.write(flvHeader({ hasVideo: false, hasAudio: true }))
      }
      if (event.type === 'audio') firstMs ??= event.timeMs
      ffmpeg.write(flvTag(event, event.timeMs))
    },
    get waitingBytes() {
      return ffmpeg?.waitingBytes ?? 0
    },
    close: () => ffmpeg?.close(),
  }
}

const opusArguments = [
  ...flvInput,
  ...['-map', '0:a:0', '-af', 'aresample=async=1000', '-ac', '2', '-ar', '48000'],
  ...['-c:a', 'libopus', '-b:a', String(bitsPerSecond), '-vbr', 'off', '-frame_duration', String(packetMs)],
  ...['-flush_packets', '1', '-f', 'data', 'pipe:1'],
]
