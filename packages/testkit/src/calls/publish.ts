import { setTimeout as pause } from 'node:timers/promises'
import { FfiRequest, livekitFfiRequest } from '@livekit/rtc-ffi-bindings'
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
import { type Colour, type ColourPattern, paint } from './video-pattern.ts'

export interface PublishedMedia {
  /** TR_… */
  trackSid: string
  /** As its owner does it: nothing is sent while it is muted. */
  setMuted(isMuted: boolean): void
  /** Stops making frames and frees the track. */
  close(): Promise<void>
}

export interface PublishedTone extends PublishedMedia {
  /** From the next frame on, on the same track. */
  change(toneHz: ToneHz): void
}

export interface PublishedPattern extends PublishedMedia {
  /** From the next frame on, on the same track. */
  change(colour: Colour): void
}

// rtc-node gives up after 10 s itself, and LiveKit never answers those it refuses.
const publishLimitMs = 12_000
const refusedLimitMs = 2_000
const audioFrameSamples = sampleRateHz / 50
/** So that a process that has little time now and then sends no gaps. */
const queueMs = 400

/** Publishes a sine as microphone. */
export async function publishTone(participant: LocalParticipant, toneHz: ToneHz): Promise<PublishedTone> {
  let tone = toneSecond(toneHz)
  const source = new AudioSource(sampleRateHz, 1, queueMs)
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
  const change = (other: ToneHz) => {
    tone = toneSecond(other)
  }
  return { trackSid, setMuted: muting(track), change, close }
}

/** Publishes a moving pattern, in one layer. */
export async function publishPattern(
  participant: LocalParticipant,
  { colour, widthPx = 320, heightPx = 180, framesPerSecond = 15 }: ColourPattern,
  as: 'camera' | 'screen' = 'camera',
): Promise<PublishedPattern> {
  const pattern = { colour, widthPx, heightPx, framesPerSecond }
  const source = new VideoSource(widthPx, heightPx)
  const track = LocalVideoTrack.createVideoTrack(as, source)
  const options = new TrackPublishOptions({
    source: as === 'camera' ? TrackSource.SOURCE_CAMERA : TrackSource.SOURCE_SCREENSHARE,
    simulcast: false,
  })
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
  const change = (other: Colour) => {
    pattern.colour = other
  }
  return { trackSid, setMuted: muting(track), change, close }
}

// rtc-node has no word for it, and what it is made of has.
const muting = (track: LocalTrack) => (mute: boolean) => {
  const value = { trackHandle: track.ffi_handle?.handle ?? 0n, mute }
  livekitFfiRequest(new FfiRequest({ message: { case: 'localTrackMute', value } }).toBinary())
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
