import { randomUUID } from 'node:crypto'
import { TrackSource } from '@livekit/rtc-node'
import { eventually, joinCall } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { startsKeyFrame } from './stream/key-frame.ts'
import { openRoomTap } from './tap.ts'
import { startLiveKit } from './testing/livekit.ts'
import { quietLog as log } from './testing/quiet-log.ts'
import { startSignalProxy } from './testing/signal-proxy.ts'
import { startUdpProxy } from './testing/udp-proxy.ts'
import { publishVideo } from './testing/video.ts'
import { widthOf } from './testing/vp8.ts'
import { createWitness } from './testing/witness.ts'

test.each([
  ['ours', {}],
  ['its own', { congestion_control: { use_send_side_bwe: true } }],
])(
  'of a video in several sizes the largest comes and stays, when LiveKit goes by an estimate that is %s',
  async (_, rtc) => {
    const room = randomUUID()
    await using livekit = await startLiveKit({ rtc })
    await using udp = await startUdpProxy({ targetPort: livekit.udpPort })
    await using signal = await startSignalProxy({ targetUrl: livekit.url, mediaPort: udp.port })
    await using ada = await joinCall({ url: livekit.url, token: await livekit.token('ada', room) })
    const publish = { source: TrackSource.SOURCE_CAMERA, simulcast: true }
    const size = { widthPx: 640, heightPx: 360, isRich: true }
    const video = await publishVideo(ada.room.localParticipant ?? expect.fail('ada is away'), {
      ...size,
      publish,
    })
    const widths: number[] = []
    const witness = createWitness(({ mimeType }, { payload }) => {
      if (startsKeyFrame(payload, mimeType)) widths.push(widthOf(payload))
    })
    const token = await livekit.recorderToken(room)
    const tap = openRoomTap({ url: signal.url, token, listener: witness.listener, log })
    await eventually(() => widths.includes(size.widthPx))
    udp.set({ lossShare: 0.02, jitterMs: 10 })
    widths.length = 0
    const settled = performance.now()
    await eventually(
      () => {
        if (widths.length < 8) tap.requestKeyFrame(video.sid)
        return widths.length >= 8 && performance.now() - settled > 12_000
      },
      { timeoutMs: 40_000, intervalMs: 1_500 },
    )
    await tap.close()
    await video.stop()
    expect(widths).toEqual(widths.map(() => size.widthPx))
    expect(witness.faults).toEqual([])
  },
  90_000,
)
