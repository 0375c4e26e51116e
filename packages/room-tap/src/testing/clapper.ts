import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type LocalParticipant,
  LocalVideoTrack,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node'
import { wallClockMs } from '../clock.ts'

const sampleRateHz = 48_000
/** Handed over at once: what waits in a queue has no time of capture that anybody knows. */
const audioFrameSamples = sampleRateHz / 100
const size = { widthPx: 320, heightPx: 180 }

const silence = new Int16Array(audioFrameSamples)
const noises = silence.map(() => (Math.random() - 0.5) * 30_000)
const grey = new Uint8Array(size.widthPx * size.heightPx * 1.5).fill(128)
/** Squares, many times as large when encoded as grey, and small enough for no encoder to leave the picture out. */
const bright = grey.map((colour, at) => {
  const [column, row] = [at % size.widthPx, Math.floor(at / size.widthPx)]
  const isWhite = (Math.floor(column / 16) + Math.floor(row / 16)) % 2 === 0
  return row >= size.heightPx ? colour : isWhite ? 220 : 40
})

/** Publishes silence and a grey picture, and now and then a noise and a flash of which it knows the time. */
export interface Clapper {
  /** When the noise and the flash were handed over, by our clock. */
  readonly claps: { noiseAtMs: number; flashAtMs: number }[]
  stop(): Promise<void>
}

/** Claps once a second, for three frames. */
export async function publishClapper(participant: LocalParticipant): Promise<Clapper> {
  const audio = new AudioSource(sampleRateHz, 1, 0)
  const video = new VideoSource(size.widthPx, size.heightPx)
  const tracks = [
    LocalAudioTrack.createAudioTrack('microphone', audio),
    LocalVideoTrack.createVideoTrack('camera', video),
  ] as const
  const sources = [TrackSource.SOURCE_MICROPHONE, TrackSource.SOURCE_CAMERA] as const
  for (const [index, track] of tracks.entries()) {
    const source = sources[index] ?? TrackSource.SOURCE_UNKNOWN
    await participant.publishTrack(track, new TrackPublishOptions({ source, simulcast: false, dtx: false }))
  }
  const claps: Clapper['claps'] = []
  const isClapping = (atMs: number) => atMs % 1_000 < 300
  let noise: number | undefined
  let flash: number | undefined
  const note = () => {
    if (noise !== undefined && flash !== undefined) claps.push({ noiseAtMs: noise, flashAtMs: flash })
  }

  // A frame each ten milliseconds on the average, however late this timer is.
  const startedAtMs = wallClockMs()
  let audioFrames = 0
  const hear = setInterval(() => {
    while (audioFrames * 10 < wallClockMs() - startedAtMs) {
      audioFrames++
      const now = wallClockMs()
      const isLoud = isClapping(now)
      if (isLoud && noise === undefined) {
        noise = now
        note()
      }
      if (!isLoud) noise = undefined
      const samples = isLoud ? noises : silence
      audio.captureFrame(new AudioFrame(samples, sampleRateHz, 1, samples.length)).catch(() => undefined)
    }
  }, 5)
  const see = setInterval(() => {
    const now = wallClockMs()
    const isBright = isClapping(now)
    if (isBright && flash === undefined) {
      flash = now
      note()
    }
    if (!isBright) flash = undefined
    video.captureFrame(
      new VideoFrame(isBright ? bright : grey, size.widthPx, size.heightPx, VideoBufferType.I420),
    )
  }, 100)
  return {
    claps,
    stop: async () => {
      clearInterval(hear)
      clearInterval(see)
      await Promise.all(tracks.map((track) => track.close()))
    },
  }
}
