import {
  type LocalParticipant,
  LocalVideoTrack,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node'

export interface PublishedVideo {
  /** TR_… */
  sid: string
  stop(): Promise<void>
}

/** Publishes a picture that changes as a screen share, or with other options as something else. */
export async function publishVideo(
  participant: LocalParticipant,
  options: {
    widthPx?: number
    heightPx?: number
    framesPerSecond?: number
    /** Full of detail that takes many packets. */
    isRich?: boolean
    publish?: Partial<TrackPublishOptions>
  } = {},
): Promise<PublishedVideo> {
  const { widthPx = 320, heightPx = 180, framesPerSecond = 10, isRich = false, publish } = options
  const source = new VideoSource(widthPx, heightPx)
  const track = LocalVideoTrack.createVideoTrack('video', source)
  const shared = { source: TrackSource.SOURCE_SCREENSHARE, simulcast: false, ...publish }
  const publication = await participant.publishTrack(track, new TrackPublishOptions(shared))
  const sid = publication.sid ?? ''
  const pixels = widthPx * heightPx
  const ground = new Uint8Array(pixels * 1.5).fill(128)
  if (isRich) for (let at = 0; at < pixels; at++) ground[at] = 100 + Math.random() * 56
  let frame = 0
  const timer = setInterval(() => {
    const data = ground.slice()
    if (isRich) data.copyWithin(0, (frame % 8) * widthPx, widthPx * heightPx)
    // A bright band that walks down.
    const row = (8 * frame++) % (heightPx - 8)
    data.fill(200, row * widthPx, (row + 8) * widthPx)
    source.captureFrame(new VideoFrame(data, widthPx, heightPx, VideoBufferType.I420))
  }, 1_000 / framesPerSecond)
  return {
    sid,
    stop: async () => {
      clearInterval(timer)
      await participant.unpublishTrack(sid)
      await track.close()
    },
  }
}
