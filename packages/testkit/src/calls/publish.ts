import { setTimeout as pause } from 'node:timers/promises'
import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type LocalParticipant,
  type LocalTrack,
  LocalVideoTrack,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node'
import { within } from '../within.ts'
import { sampleRateHz, type ToneHz, toneSecond } from './tone.ts'
import { type ColourPattern, paint } from './video-pattern.ts'

export interface PublishedMedia {
  /** TR_… */
  trackSid: string
  /** Stops making frames and frees the track. */
  close(): Promise<void>
}

// rtc-node gives up after 10 s itself, and LiveKit never answers those it refuses.
const publishLimitMs = 12_000
const refusedLimitMs = 2_000
const audioFrameSamples = sampleRateHz / 50

/** Publishes a sine as microphone. */
export async function publishTone(participant: LocalParticipant, toneHz: ToneHz): Promise<PublishedMedia> {
  const tone = toneSecond(toneHz)
  const source = new AudioSource(sampleRateHz, 1, 100)
  const track = LocalAudioTrack.createAudioTrack('microphone', source)
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false })
  const trackSid = await publish(participant, track, options)
  let closing = false
  const sending = (async () => {
    // The source takes a frame when it has room for it, so this runs at the pace of the clock.
    for (let at = 0; !closing; at = (at + audioFrameSamples) % sampleRateHz) {
      const samples = tone.slice(at, at + audioFrameSamples)
      await source.captureFrame(new AudioFrame(samples, sampleRateHz, 1, samples.length))
    }
  })().catch(() => undefined)
  const close = async () => {
    closing = true
    await Promise.race([sending, pause(500)])
    await track.close()
  }
  return { trackSid, close }
}

/** Publishes a moving pattern as camera, in one layer. */
export async function publishPattern(
  participant: LocalParticipant,
  { colour, widthPx = 320, heightPx = 180, framesPerSecond = 15 }: ColourPattern,
): Promise<PublishedMedia> {
  const pattern = { colour, widthPx, heightPx, framesPerSecond }
  const source = new VideoSource(widthPx, heightPx)
  const track = LocalVideoTrack.createVideoTrack('camera', source)
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_CAMERA, simulcast: false })
  const trackSid = await publish(participant, track, options)
  let frame = 0
  const timer = setInterval(() => {
    const { data, width, height } = paint(frame++, pattern)
    source.captureFrame(new VideoFrame(data, width, height, VideoBufferType.I420))
  }, 1000 / framesPerSecond)
  const close = async () => {
    clearInterval(timer)
    await track.close()
  }
  return { trackSid, close }
}

async function publish(
  participant: LocalParticipant,
  track: LocalTrack,
  options: TrackPublishOptions,
): Promise<string> {
  const { canPublish = true, canPublishSources = [] } = participant.info.permission ?? {}
  const allowed =
    canPublish && (canPublishSources.length === 0 || canPublishSources.includes(options.source ?? 0))
  try {
    const publication = await within(allowed ? publishLimitMs : refusedLimitMs, 'the answer', () =>
      participant.publishTrack(track, options),
    )
    return publication.sid ?? ''
  } catch (error) {
    await track.close()
    const grant = allowed ? '' : ', which its token does not allow'
    const reason = `${participant.identity} could not publish its ${track.name}${grant}`
    throw new Error(`${reason}: ${(error as Error).message}`, { cause: error })
  }
}
