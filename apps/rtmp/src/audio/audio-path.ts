import { type AudioConfig, type AudioFrame, flvHeader, flvTag } from '@rtcstack/rtmp'
import { type FfmpegPipe, flvInput, openFfmpeg } from '../ffmpeg-pipe.ts'
import { createOggReader } from './read-ogg.ts'

/** How sound gets from the encoder to LiveKit: AAC becomes Opus. */
export interface AudioPath {
  take(event: AudioConfig | AudioFrame): void
  readonly waitingBytes: number
  close(): void
}

export interface AudioPathOptions {
  /** A packet of Opus and the sample, of 48 000 a second of the media's time, at which it begins. */
  send(packet: Buffer, atSample: number): void
  onDrained: () => void
  onFailed: (detail: string) => void
}

const packetSamples = 960
const heads = 2
const preSkipAt = 10

export function createAudioPath({ send, onDrained, onFailed }: AudioPathOptions): AudioPath {
  const readOgg = createOggReader()
  let ffmpeg: FfmpegPipe | undefined
  let seen = 0
  let preSkip = 0

  function takeOpus(bytes: Buffer): void {
    for (const packet of readOgg(bytes)) {
      if (seen++ === 0) preSkip = packet.bytes.readUInt16LE(preSkipAt)
      // A decoder's output is late by what is to be skipped at the start: the packet begins that much before its samples.
      if (seen > heads) send(packet.bytes, packet.granule - preSkip - packetSamples)
    }
  }

  return {
    take(event) {
      if (!ffmpeg) {
        if (event.type !== 'audio-config') return
        ffmpeg = openFfmpeg({ args: opusArguments, onOutput: takeOpus, onDrained, onFailed })
        ffmpeg.write(flvHeader({ hasVideo: false, hasAudio: true }))
      }
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
  // Where sound is missing there is silence, so that the rest stays with the picture.
  ...['-map', '0:a:0', '-af', 'aresample=async=1000', '-ac', '2', '-ar', '48000'],
  ...['-c:a', 'libopus', '-b:a', '96k', '-frame_duration', '20'],
  ...['-page_duration', '1', '-flush_packets', '1', '-f', 'ogg', 'pipe:1'],
]
