import { setTimeout as pause } from 'node:timers/promises'
import { type RemoteTrack, type RemoteTrackPublication, type Room, TrackKind } from '@livekit/rtc-node'

export type Kind = 'audio' | 'video'

/** How often a wait looks whether what it waits for has changed. */
export const lookEveryMs = 50

/** What a participant publishes of a kind now, as this room knows it. */
export function publicationOf(room: Room, identity: string, kind: Kind): RemoteTrackPublication | undefined {
  const wanted = kind === 'audio' ? TrackKind.KIND_AUDIO : TrackKind.KIND_VIDEO
  const all = room.remoteParticipants.get(identity)?.trackPublications.values() ?? []
  return [...all].find((publication) => publication.kind === wanted) as RemoteTrackPublication | undefined
}

/** Says in words why nothing of a kind comes from a participant, for the error of a wait. */
export function describeAbsence(room: Room, identity: string, kind: Kind): string | undefined {
  if (!room.isConnected) return 'the call is over for this caller'
  if (!room.remoteParticipants.has(identity)) return `${identity} is not in the call`
  const publication = publicationOf(room, identity, kind)
  if (!publication) return `${identity} publishes no ${kind}`
  return publication.track ? undefined : `the ${kind} of ${identity} is not subscribed`
}

export interface FrameSource<Frame> {
  room: Room
  identity: string
  kind: Kind
  open: (track: RemoteTrack) => ReadableStream<Frame>
}

/** Resolves at the first frame that `accept` returns true for; rejects after `timeoutMs` with what `describe` says. */
export async function untilFrame<Frame>(
  source: FrameSource<Frame>,
  options: { accept: (frame: Frame) => boolean; timeoutMs: number; describe: () => string },
): Promise<void> {
  const ending = new AbortController()
  let accepted = false
  const timer = setTimeout(() => ending.abort(), options.timeoutMs)
  const onFrame = (frame: Frame) => {
    if (ending.signal.aborted || !options.accept(frame)) return
    accepted = true
    ending.abort()
  }
  try {
    await readFrames(source, onFrame, ending.signal)
  } finally {
    clearTimeout(timer)
  }
  if (accepted) return
  const absence = describeAbsence(source.room, source.identity, source.kind)
  throw new Error(`${options.describe()} within ${options.timeoutMs} ms${absence ? `: ${absence}` : ''}`)
}

/**
 * Gives each decoded frame of what a participant publishes to `onFrame`, over republications, until the signal aborts.
 * Streams queue without bound, so they are open only while this runs and read as fast as they come.
 */
export async function readFrames<Frame>(
  { room, identity, kind, open }: FrameSource<Frame>,
  onFrame: (frame: Frame) => void,
  signal: AbortSignal,
): Promise<void> {
  const trackNow = () => publicationOf(room, identity, kind)?.track
  while (!signal.aborted) {
    const track = trackNow()
    if (!track) {
      await pause(lookEveryMs)
      continue
    }
    const reader = open(track).getReader()
    // A video stream does not end when its track does, and a silent one must not outlive the wait.
    const watch = setInterval(() => {
      if (signal.aborted || trackNow() !== track) void reader.cancel().catch(() => undefined)
    }, lookEveryMs)
    try {
      for (let next = await reader.read(); !next.done && !signal.aborted; next = await reader.read())
        onFrame(next.value)
    } finally {
      clearInterval(watch)
      await reader.cancel().catch(() => undefined)
    }
  }
}
