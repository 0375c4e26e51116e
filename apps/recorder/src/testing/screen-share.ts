import {
  LocalVideoTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  type VideoCodec,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node'

const size = { width: 320, height: 180 }
/** The testkit's blue, as Y, U and V. */
const blue = [41, 240, 110] as const

/** Shares a blue screen in a codec; a band in it moves, so that there are frames. */
export async function shareBlueScreen(room: Room, videoCodec: VideoCodec) {
  const participant = room.localParticipant
  if (!participant) throw new Error('nobody is in the room')
  const source = new VideoSource(size.width, size.height)
  const track = LocalVideoTrack.createVideoTrack('screen', source)
  const options = new TrackPublishOptions({
    source: TrackSource.SOURCE_SCREENSHARE,
    simulcast: false,
    videoCodec,
  })
  const { sid = '' } = await participant.publishTrack(track, options)
  let frame = 0
  const timer = setInterval(() => {
    const pixels = size.width * size.height
    const data = new Uint8Array(pixels * 1.5).fill(blue[0], 0, pixels)
    data.fill(blue[1], pixels, pixels * 1.25).fill(blue[2], pixels * 1.25)
    const row = frame++ % size.height
    data.fill(80, row * size.width, (row + 1) * size.width)
    source.captureFrame(new VideoFrame(data, size.width, size.height, VideoBufferType.I420))
  }, 100)
  return {
    sid,
    stop: async () => {
      clearInterval(timer)
      await participant.unpublishTrack(sid)
      await track.close()
    },
  }
}
