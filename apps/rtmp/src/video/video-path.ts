import type { VideoConfig, VideoFrame } from '@rtcstack/rtmp'
import { type CopyObstacle, createCopyWatch } from './copy-watch.ts'
import { createRecentFrames } from './recent-frames.ts'
import { openTranscoder, type Transcoder } from './transcoder.ts'

/** How frames get from the encoder to LiveKit: as they are, or encoded anew from when they must be. Never back. */
export interface VideoPath {
  take(event: VideoConfig | VideoFrame): void
  /** Enough was seen to choose. */
  decide(): void
  /** From now on there is somebody to send to; they get a key frame first. */
  open(): void
  /** Sends what has been shown since the last key frame once more, in no time, for those who came after it. */
  repeat(): void
  readonly isTranscoding: boolean
  readonly waitingBytes: number
  close(): void
}

export interface VideoPathOptions {
  /** A frame to be sent: its units, with the parameter sets before a key frame. Others than live ones have waited here. */
  send(units: Buffer[], shownMs: number, isLive: boolean): void
  onObstacle(obstacle: CopyObstacle): void
  onDrained: () => void
  onFailed: (detail: string) => void
}

const sequenceType = 7
/** The least that timestamps of video can differ: a repeated second ends before the next frame is due. */
const tickMs = 1 / 90

export function createVideoPath({ send, onObstacle, onDrained, onFailed }: VideoPathOptions): VideoPath {
  const watch = createCopyWatch()
  const recent = createRecentFrames()
  const encoded = createRecentFrames()
  let sentMs = 0
  let isLive = true
  const toSender = createSetPrepender((units, shownMs) => {
    sentMs = shownMs
    send(units, shownMs, isLive)
  })

  function catchUp(events: (VideoConfig | VideoFrame)[]): void {
    isLive = false
    events.forEach(toSender)
    isLive = true
  }
  let obstacle: CopyObstacle | undefined
  let isDecided = false
  let isOpen = false
  let transcoder: Transcoder | undefined

  function transcode(fromMs: number): void {
    if (!obstacle) return
    onObstacle(obstacle)
    const onEvent = (event: VideoConfig | VideoFrame) => {
      encoded.add(event)
      if (isOpen) toSender(event)
    }
    transcoder = openTranscoder({ fromMs, onEvent, onDrained, onFailed })
    for (const event of recent.events) transcoder.take(event)
  }

  function decide(): void {
    if (isDecided) return
    isDecided = true
    if (obstacle) transcode(0)
    else if (isOpen) catchUp(recent.events)
  }

  return {
    take(event) {
      if (event.type === 'video') obstacle ??= watch(event)
      recent.add(event)
      if (transcoder) transcoder.take(event)
      else if (!isDecided) {
        if (obstacle) decide()
      } else if (obstacle && event.type === 'video') transcode(event.decodeMs + event.offsetMs)
      else if (isOpen) toSender(event)
    },
    decide,
    open() {
      isOpen = true
      if (isDecided) catchUp((transcoder ? encoded : recent).events)
    },
    repeat() {
      if (!isOpen || !isDecided) return
      let repeatedMs = sentMs
      const toRepeater = createSetPrepender((units) => {
        repeatedMs += tickMs
        send(units, repeatedMs, false)
      })
      ;(transcoder ? encoded : recent).events.forEach(toRepeater)
    },
    get isTranscoding() {
      return transcoder !== undefined
    },
    get waitingBytes() {
      return transcoder?.waitingBytes ?? 0
    },
    close: () => transcoder?.close(),
  }
}

/** Key frames carry their parameter sets, as whoever joins has seen none. */
function createSetPrepender(
  send: (units: Buffer[], shownMs: number) => void,
): (event: VideoConfig | VideoFrame) => void {
  let sets: Buffer[] = []
  return (event) => {
    if (event.type === 'video-config') {
      sets = [...event.sequenceSets, ...event.pictureSets]
      return
    }
    const hasSets = event.units.some((unit) => ((unit[0] as number) & 31) === sequenceType)
    const units = event.isKey && !hasSets ? [...sets, ...event.units] : event.units
    send(units, event.decodeMs + event.offsetMs)
  }
}
