import type { MediaEvent, Publication, RtmpLog } from '@rtcstack/rtmp'
import { createAudioPath } from './audio/audio-path.ts'
import { createInputMeasure } from './input-measure.ts'
import { createMediaTime } from './media-time.ts'
import type { IntakeEvent, StopReason } from './messages.ts'
import { createDelayLine } from './video/delay-line.ts'
import { packetise } from './video/packetise.ts'
import { createVideoDelay } from './video/video-delay.ts'
import { createVideoPath } from './video/video-path.ts'
import { createOutlet, type Outlet, type WhipTarget } from './whip/outlet.ts'
import { createSenderClock } from './whip/sender-clock.ts'
import type { TrackKind } from './whip/whip-connection.ts'

/** One publisher, from its first media until its participant is out. */
export interface Ingress {
  take(event: MediaEvent): void
  readonly silentMs: number
  readonly isStopping: boolean
  /** Says `stopped` when the participant is out. What the encoder is told is the detail. */
  stop(reason: StopReason, detail: string): Promise<void>
}

export interface IngressOptions {
  ingressId: string
  publication: Publication
  target: WhipTarget
  renew(): Promise<WhipTarget | undefined>
  /** Right before `stopped` is said. */
  onStopped(): void
  say(event: IntakeEvent): void
  log: RtmpLog
}

/** B-frames show themselves within the first frames, and both kinds of media come within this time. */
const probeMs = 600
const repeatWithinMs = 3_000
const repeatEveryMs = 300
const noMediaMs = 5_000
const mostWaitingBytes = 4 * 1024 * 1024
const mostHeldBackSeconds = 15

export function createIngress({
  ingressId,
  publication,
  target,
  renew,
  onStopped,
  say,
  log,
}: IngressOptions): Ingress {
  const timeOf = createMediaTime()
  const clock = createSenderClock()
  const input = createInputMeasure()
  let outlet: Outlet | undefined
  let isStarted = false
  let isProbing = false
  let heldBackSeconds = 0
  let openedAt = 0
  let repeatedAt = 0
  let stopping: Promise<void> | undefined
  const failed = (reason: StopReason) => (detail: string) => void stop(reason, detail)
  const timers: NodeJS.Timeout[] = [
    setTimeout(() => !isProbing && stop('no-media', 'neither H.264 nor AAC came'), noMediaMs),
    setInterval(tick, 1_000),
  ]

  const media = { onDrained: letGo, onFailed: failed('media-failed') }
  const delay = createVideoDelay()
  const line = createDelayLine()
  const lagOf = (timeMs: number) => Date.now() - clock.wallMsOf(timeMs)
  const audio = createAudioPath({
    ...media,
    send(packet, timeMs) {
      delay.observeAudio(lagOf(timeMs))
      outlet?.sendAudio(packet, timeMs)
    },
  })
  const video = createVideoPath({
    ...media,
    send(units, shownMs, isLive) {
      if (isLive) delay.observeVideo(lagOf(shownMs))
      line.add(delay.delayMs, () => outlet?.sendVideo(packetise(units), shownMs))
    },
    onObstacle: (obstacle) => log.debug({ ingressId, obstacle }, 'video is encoded anew'),
  })

  function take(event: MediaEvent): void {
    if (stopping) return
    const timed = withMediaTime(event, timeOf)
    input.take(timed)
    if (timed.type === 'metadata') return
    clock.observe('timeMs' in timed ? timed.timeMs : timed.decodeMs, Date.now())
    if (timed.type === 'audio' || timed.type === 'audio-config') audio.take(timed)
    else video.take(timed)
    if (audio.waitingBytes + video.waitingBytes > mostWaitingBytes) publication.pause()
    if (!isProbing && (input.hasVideo || input.hasAudio)) probe()
    if (!outlet && input.isComplete) connect()
  }

  function probe(): void {
    isProbing = true
    timers.push(
      setTimeout(() => {
        video.decide()
        connect()
      }, probeMs),
    )
  }

  function connect(): void {
    if (outlet || stopping) return
    const kinds: TrackKind[] = []
    if (input.hasVideo) kinds.push('video')
    if (input.hasAudio) kinds.push('audio')
    const events = { onOpen: opened, onKeyFrameWanted: wanted, onFailed: failed('livekit-failed') }
    outlet = createOutlet({ kinds, clock, target, renew, ...events })
  }

  function opened(): void {
    if (stopping) return
    openedAt = performance.now()
    video.open()
    if (!isStarted) say({ type: 'started', ingressId, ...input.describe() })
    isStarted = true
  }

  /**
   * Who is in the room when the stream begins is subscribed to it only after its first key frame has gone by. Later, a repetition
   * would be a burst for all, and they wait for the encoder's next key frame.
   */
  function wanted(): void {
    const now = performance.now()
    if (now - openedAt > repeatWithinMs || now - repeatedAt < repeatEveryMs) return
    repeatedAt = now
    video.repeat()
  }

  function tick(): void {
    heldBackSeconds = audio.waitingBytes + video.waitingBytes > mostWaitingBytes ? heldBackSeconds + 1 : 0
    if (heldBackSeconds > mostHeldBackSeconds) void stop('media-failed', 'ffmpeg takes nothing')
    const inputs = input.measure(performance.now())
    if (isStarted) say({ type: 'stats', ingressId, isTranscoding: video.isTranscoding, ...inputs })
  }

  function letGo(): void {
    if (audio.waitingBytes + video.waitingBytes < mostWaitingBytes) publication.resume()
  }

  function stop(reason: StopReason, detail: string): Promise<void> {
    stopping ??= Promise.resolve().then(() => finish(reason, detail))
    return stopping
  }

  async function finish(reason: StopReason, detail: string): Promise<void> {
    for (const timer of timers) clearTimeout(timer)
    publication.cut(detail)
    audio.close()
    video.close()
    line.close()
    await outlet?.close()
    onStopped()
    say({ type: 'stopped', ingressId, reason, detail })
  }

  return {
    take,
    get silentMs() {
      return publication.silentMs
    },
    get isStopping() {
      return stopping !== undefined
    },
    stop,
  }
}

function withMediaTime(event: MediaEvent, timeOf: (timeMs: number) => number): MediaEvent {
  if (event.type === 'metadata') return event
  if ('timeMs' in event) return { ...event, timeMs: timeOf(event.timeMs) }
  return { ...event, decodeMs: timeOf(event.decodeMs) }
}
