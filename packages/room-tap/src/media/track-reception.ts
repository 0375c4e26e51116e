import type { TapListener } from '../listener.ts'
import { writeNack, writePictureLoss } from '../rtp/rtcp.ts'
import type { RoomState } from '../signalling/room-state.ts'
import type { SenderClock } from '../stream/sender-clock.ts'
import { createTrackStream, type TrackStream } from '../stream/track-stream.ts'
import { createKeyFrameRequests } from './key-frame-requests.ts'

/** A track's stream of packets, and what LiveKit is asked for it. */
export interface TrackReception {
  readonly stream: TrackStream
  /** The SSRC that the track's packets have from now on. */
  comesAs(ssrc: number): void
  requestKeyFrame(nowMs: number): void
  tick(nowMs: number): void
  /** Whether ticks are needed. */
  readonly isWaiting: boolean
}

export function createTrackReception(options: {
  trackSid: string
  kind: 'audio' | 'video'
  sender: SenderClock
  listener: Pick<TapListener, 'packet' | 'gap'>
  room: Pick<RoomState, 'track' | 'codec'>
  send: (packet: Buffer) => void
}): TrackReception {
  const { trackSid, kind, sender, listener, room, send } = options
  const keyFrames = createKeyFrameRequests()
  let ssrc: number | undefined
  const stream = createTrackStream({
    kind,
    sender,
    output: {
      packet: (packet) => listener.packet(trackSid, packet),
      gap: (gap) => listener.gap(trackSid, gap),
      codec: (mimeType) => room.codec(trackSid, mimeType),
      keyFrame: keyFrames.settle,
      keyFrameNeeded: keyFrames.need,
    },
  })
  const askForKeyFrame = (nowMs: number) => {
    // Nobody makes frames of a muted track.
    if (room.track(trackSid)?.muted) keyFrames.settle()
    if (ssrc !== undefined && keyFrames.isDue(nowMs)) send(writePictureLoss(ssrc))
  }
  return {
    stream,
    comesAs: (newSsrc) => {
      if (ssrc !== undefined && ssrc !== newSsrc) stream.restart()
      ssrc = newSsrc
    },
    requestKeyFrame: (nowMs) => {
      if (kind === 'audio') return
      keyFrames.settle()
      keyFrames.need()
      askForKeyFrame(nowMs)
    },
    tick: (nowMs) => {
      // Packets can be here before LiveKit has told of their track.
      if (!room.track(trackSid) || ssrc === undefined) return
      const missing = stream.tick(nowMs)
      if (missing.length > 0) send(writeNack(ssrc, missing))
      askForKeyFrame(nowMs)
    },
    get isWaiting() {
      return stream.isWaiting || keyFrames.isNeeded
    },
  }
}
