import { readH264Sequence } from '@rtcstack/containers'
import type { MediaEvent } from '@rtcstack/rtmp'
import type { AudioInput, VideoInput } from './messages.ts'

/** What comes in: its kinds, and its rates since they were last asked for. */
export interface InputMeasure {
  take(event: MediaEvent): void
  readonly hasVideo: boolean
  readonly hasAudio: boolean
  /** Whether the encoder has shown all that it said it would send; false while it has said nothing. */
  readonly isComplete: boolean
  /** Without rates. */
  describe(): Inputs
  /** With rates. */
  measure(nowMs: number): Inputs
}

export interface Inputs {
  video?: VideoInput
  audio?: AudioInput
}

export function createInputMeasure(): InputMeasure {
  let said: { hasVideo?: boolean; hasAudio?: boolean; framesPerSecond?: number } = {}
  let size: { width: number; height: number } | undefined
  let audio: AudioInput | undefined
  const counted = { frames: 0, videoBytes: 0, audioBytes: 0, sinceMs: performance.now() }
  const decoded = { firstMs: Number.NaN, lastMs: 0, frames: 0 }

  function framesPerSecond(): number {
    if (said.framesPerSecond) return said.framesPerSecond
    const spanMs = decoded.lastMs - decoded.firstMs
    return spanMs > 0 ? Math.round(((decoded.frames - 1) * 10_000) / spanMs) / 10 : 0
  }

  function describe(): Inputs {
    const video = size && { codec: 'h264' as const, ...size, framesPerSecond: framesPerSecond() }
    return { ...(video && { video }), ...(audio && { audio }) }
  }

  return {
    take(event) {
      switch (event.type) {
        case 'metadata':
          said = event
          break
        case 'video-config': {
          const sequence = event.sequenceSets[0] && readH264Sequence(event.sequenceSets[0])
          size = { width: sequence?.width ?? 0, height: sequence?.height ?? 0 }
          break
        }
        case 'video':
          if (decoded.frames === 0) decoded.firstMs = event.decodeMs
          decoded.lastMs = event.decodeMs
          decoded.frames++
          counted.frames++
          counted.videoBytes += event.body.length
          break
        case 'audio-config':
          audio = { codec: 'aac', sampleRateHz: event.sampleRateHz, channels: event.channels }
          break
        case 'audio':
          counted.audioBytes += event.body.length
      }
    },
    get hasVideo() {
      return size !== undefined
    },
    get hasAudio() {
      return audio !== undefined
    },
    get isComplete() {
      const { hasVideo, hasAudio } = said
      if (hasVideo === undefined || hasAudio === undefined) return size !== undefined && audio !== undefined
      return (hasVideo || hasAudio) && hasVideo === (size !== undefined) && hasAudio === (audio !== undefined)
    },
    describe,
    measure(nowMs) {
      const seconds = Math.max(nowMs - counted.sinceMs, 1) / 1000
      const { video, audio: sound } = describe()
      const rates = {
        ...(video && {
          video: {
            ...video,
            framesPerSecond: Math.round((counted.frames / seconds) * 10) / 10,
            bitrate: Math.round((counted.videoBytes * 8) / seconds),
          },
        }),
        ...(sound && { audio: { ...sound, bitrate: Math.round((counted.audioBytes * 8) / seconds) } }),
      }
      Object.assign(counted, { frames: 0, videoBytes: 0, audioBytes: 0, sinceMs: nowMs })
      return rates
    },
  }
}
