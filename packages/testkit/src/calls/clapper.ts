import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  LocalVideoTrack,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node'
import type { Caller } from './caller.ts'
import { sampleRateHz, toneSecond } from './tone.ts'

/** Claps, each a flash and a beep at once, that a caller publishes. */
export interface Clapper {
  stop(): Promise<void>
}

/** Of a beep. */
export const clapHz = 1_000
const size = { width: 320, height: 180 }
/** So few pictures that no encoder leaves one out. */
const pictureEveryMs = 100
const soundEveryMs = 10
const periodMs = 1_000
const clapMs = 200
const brightness = { dark: 40, bright: 220 }

/** Publishes silence and a dark picture, and each second a beep and a flash. */
export async function publishClapper({ room }: Pick<Caller, 'room'>): Promise<Clapper> {
  const participant = room.localParticipant
  if (!participant) throw new Error('nobody is in the room')
  // What waits in a queue has no time of capture that anybody knows.
  const audio = new AudioSource(sampleRateHz, 1, 0)
  const video = new VideoSource(size.width, size.height)
  const tracks = [
    LocalAudioTrack.createAudioTrack('microphone', audio),
    LocalVideoTrack.createVideoTrack('camera', video),
  ] as const
  const sources = [TrackSource.SOURCE_MICROPHONE, TrackSource.SOURCE_CAMERA] as const
  for (const [index, track] of tracks.entries()) {
    const source = sources[index] ?? TrackSource.SOURCE_UNKNOWN
    await participant.publishTrack(track, new TrackPublishOptions({ source, simulcast: false, dtx: false }))
  }
  const startedAt = performance.now()
  let made = 0
  const timer = setInterval(() => {
    // As many frames as time has passed, however late this timer is.
    for (; made * soundEveryMs < performance.now() - startedAt; made++) {
      const inPeriodMs = (made * soundEveryMs) % periodMs
      if (inPeriodMs % pictureEveryMs === 0) show(video, inPeriodMs)
      sound(audio, inPeriodMs)
    }
  }, 5)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(tracks.map((track) => track.close()))
    },
  }
}

const tone = toneSecond(clapHz)
const samplesPerFrame = (sampleRateHz * soundEveryMs) / 1_000

function sound(source: AudioSource, inPeriodMs: number): void {
  const samples = inPeriodMs < clapMs ? tone.slice(0, samplesPerFrame) : new Int16Array(samplesPerFrame)
  void source.captureFrame(new AudioFrame(samples, sampleRateHz, 1, samples.length)).catch(() => undefined)
}

function show(source: VideoSource, inPeriodMs: number): void {
  const pixels = size.width * size.height
  const data = new Uint8Array(pixels * 1.5).fill(128)
  data.fill(inPeriodMs < clapMs ? brightness.bright : brightness.dark, 0, pixels)
  source.captureFrame(new VideoFrame(data, size.width, size.height, VideoBufferType.I420))
}
