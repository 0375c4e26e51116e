import { setTimeout as pause } from 'node:timers/promises'
import { ntpOf, type SenderClock } from './sender-clock.ts'
import { connectWhip, type TrackKind, type WhipConnection } from './whip-connection.ts'

export interface WhipTarget {
  url: string
  token: string
}

/** The way into a room, which is found again when it was lost. */
export interface Outlet {
  /** Video at a time in milliseconds; dropped while there is no way. */
  sendVideo(payloads: Buffer[], shownMs: number): void
  sendAudio(packet: Buffer, timeMs: number): void
  close(): Promise<void>
}

export interface OutletOptions {
  kinds: TrackKind[]
  clock: SenderClock
  target: WhipTarget
  /** Where to go when the way was lost; undefined ends the search. */
  renew(): Promise<WhipTarget | undefined>
  /** Each time that there is a way. */
  onOpen(): void
  onKeyFrameWanted(): void
  onFailed(detail: string): void
}

const searchLimitMs = 20_000
const pauseMs = 500
const ratePerMs: Record<TrackKind, number> = { video: 90, audio: 48 }

export function createOutlet(options: OutletOptions): Outlet {
  const { kinds, clock, onOpen, onFailed, onKeyFrameWanted } = options
  const closing = new AbortController()
  const timestamps = createTimestamps()
  let connection: WhipConnection | undefined
  let current: Promise<void>

  async function search(first?: WhipTarget): Promise<void> {
    const endsAt = performance.now() + searchLimitMs
    let target = first
    for (let detail = ''; !closing.signal.aborted; ) {
      try {
        target ??= await options.renew()
        if (!target || closing.signal.aborted) return
        connection = await open(target)
        return closing.signal.aborted ? undefined : onOpen()
      } catch (error) {
        detail = (error as Error).message
      }
      target = undefined
      if (closing.signal.aborted) return
      if (performance.now() > endsAt) return onFailed(detail)
      await pause(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  function open({ url, token }: WhipTarget): Promise<WhipConnection> {
    const onLost = () => {
      const lost = connection
      connection = undefined
      current = Promise.all([lost?.close(), search()]).then(() => undefined)
    }
    const ntp = (kind: TrackKind, timestamp: number) =>
      ntpOf(clock.wallMsOf(timestamps.mediaMs(kind, timestamp)))
    return connectWhip({ url, token, kinds, ntpOf: ntp, onKeyFrameWanted, onLost, signal: closing.signal })
  }

  current = search(options.target)
  return {
    sendVideo(payloads, shownMs) {
      const timestamp = timestamps.of('video', shownMs)
      for (const [index, payload] of payloads.entries())
        connection?.send('video', payload, timestamp, index === payloads.length - 1)
    },
    sendAudio: (packet, timeMs) => connection?.send('audio', packet, timestamps.of('audio', timeMs), false),
    async close() {
      closing.abort()
      await current
      await connection?.close()
    },
  }
}

/** Between media times, which go on, and timestamps of RTP, which wrap. */
function createTimestamps() {
  const latestMs: Record<TrackKind, number> = { audio: 0, video: 0 }
  const stamp = (kind: TrackKind, mediaMs: number) => Math.round(mediaMs * ratePerMs[kind]) >>> 0
  return {
    of(kind: TrackKind, mediaMs: number): number {
      latestMs[kind] = mediaMs
      return stamp(kind, mediaMs)
    },
    mediaMs: (kind: TrackKind, timestamp: number) =>
      latestMs[kind] + ((timestamp - stamp(kind, latestMs[kind])) | 0) / ratePerMs[kind],
  }
}
