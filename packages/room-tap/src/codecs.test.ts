import { randomUUID } from 'node:crypto'
import { TrackSource, VideoCodec } from '@livekit/rtc-node'
import { eventually, joinCall } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startsKeyFrame } from './stream/key-frame.ts'
import { openRoomTap } from './tap.ts'
import { type LiveKit, startLiveKit } from './testing/livekit.ts'
import { quietLog as log } from './testing/quiet-log.ts'
import { publishVideo } from './testing/video.ts'
import { createWitness } from './testing/witness.ts'

let livekit: LiveKit
beforeAll(async () => {
  livekit = await startLiveKit()
}, 30_000)
afterAll(() => livekit[Symbol.asyncDispose]())

test.each([
  ['video/VP8', VideoCodec.VP8],
  ['video/H264', VideoCodec.H264],
  ['video/VP9', VideoCodec.VP9],
  ['video/AV1', VideoCodec.AV1],
])(
  '%s comes as it was published, starts with a key frame, and gives another when asked',
  async (mimeType, videoCodec) => {
    const room = randomUUID()
    await using ada = await joinCall({ url: livekit.url, token: await livekit.token('ada', room) })
    const publish = { source: TrackSource.SOURCE_CAMERA, videoCodec }
    const video = await publishVideo(ada.room.localParticipant ?? expect.fail('ada is away'), { publish })
    const keyFrames: boolean[] = []
    const witness = createWitness(({ mimeType: flowing }, { payload }) => {
      keyFrames.push(startsKeyFrame(payload, flowing))
    })
    const token = await livekit.recorderToken(room)
    const tap = openRoomTap({ url: livekit.url, token, listener: witness.listener, log })
    await eventually(() => keyFrames.length > 20)
    expect(witness.track('ada', 'camera')).toMatchObject({ mimeType, kind: 'video' })
    expect(keyFrames[0]).toBe(true)
    const count = () => keyFrames.filter((isKey) => isKey).length
    // LiveKit lets through no second one right after the first.
    await eventually(() => keyFrames.length > 40)
    const before = count()
    tap.requestKeyFrame(video.sid)
    await eventually(() => count() > before)
    await tap.close()
    await video.stop()
    expect(witness.faults).toEqual([])
  },
  60_000,
)
