import { mkdir } from 'node:fs/promises'
import { setTimeout as passing } from 'node:timers/promises'
import { openRoomTap, type TapEnd, type TapLog, wallClockMs } from '@rtcstack/room-tap'
import { diskFailureOf } from './disk-failure.ts'
import { startGrid } from './grid.ts'
import { listenToRoom } from './listener.ts'
import type { RecorderEnd, RecorderEvent, RecorderFailure, RecorderJob } from './messages.ts'
import { createPartTeller } from './recorded-part.ts'
import { awaitSilentStart } from './silent-start.ts'
import { openSpool } from './spool.ts'
import { openStory } from './story.ts'
import type { TimelineEvent } from './timeline-event.ts'

/** A room that is recorded, until it says `ended` or `failed`. */
export interface Recording {
  /** Nothing that comes from now on is kept. */
  pause(): void
  resume(): void
  takeToken(token: string): void
  stop(reason: RecorderEnd): void
}

export interface RecordingOptions {
  job: RecorderJob
  say(event: RecorderEvent): void
  log: TapLog
}

const defaultSegmentMs = 60_000
/** LiveKit passes on one request a second. */
const keyFrameLeadMs = 1_500
/** Leaving is told to LiveKit, which need not answer. */
const leaveLimitMs = 1_000
const failureLimitMs = 1_500

/** Joins a room and records it; rejects when the folder cannot be used. */
export async function startRecording({ job, say, log }: RecordingOptions): Promise<Recording> {
  const { directory, recordingId, url, segmentMs = defaultSegmentMs } = job
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let diskError: Error | undefined
  const diskFailed = (error: Error) => {
    diskError ??= error
    void fail(diskFailureOf(error), error.message)
  }
  let room: { sid: string; name: string } | undefined
  const story = await openStory({ directory, recordingId, room: () => room, failed: diskFailed })
  let { token } = job
  let isPaused = story.wasPaused
  let keptFromMs = Number.NEGATIVE_INFINITY
  let hasStarted = false
  let isOver = false
  let isDeaf = false
  let isReplaced = false
  let cutting: ReturnType<typeof startGrid> | undefined

  const tellPart = createPartTeller(say)
  const tell = (event: TimelineEvent) => {
    if (isReplaced) return
    tellPart(event, story.tell(event))
  }
  const start = (capturedAtMs: number) => {
    hasStarted = true
    silence.cancel()
    story.start(capturedAtMs)
    say({ type: 'started', startedAt: new Date(story.startedAtMs ?? 0).toISOString() })
    // A file is cut at a key frame: those are asked for when it is time. And shortly before, so that who needs only the end
    // of a file, for the moment until the next one begins, need not decode all of it.
    cutting = startGrid({
      everyMs: segmentMs,
      leadMs: Math.min(keyFrameLeadMs, segmentMs / 2),
      nowMs: story.nowMs,
      reached: () => {
        if (!isPaused) tap.requestKeyFrames()
      },
    })
  }
  const reporting = setInterval(() => {
    if (story.startedAtMs === undefined) return
    tell({ type: 'alive', atMs: story.nowMs() })
    const durationMs = Math.round(story.nowMs())
    const participants = listener.participantCount
    say({ type: 'progress', durationMs, sizeBytes: spool.sizeBytes, participants })
  }, 1_000)
  const spool = openSpool({
    directory,
    segmentMs,
    knownFiles: story.knownFiles,
    clock: (capturedAtMs) => {
      if (!hasStarted) start(capturedAtMs)
      return capturedAtMs - (story.startedAtMs ?? 0)
    },
    tell,
    requestKeyFrame: (sid) => tap.requestKeyFrame(sid),
    failed: diskFailed,
  })
  const listener = listenToRoom({
    nowMs: story.nowMs,
    tell,
    spool,
    // What was said in a pause may come late.
    keeps: ({ capturedAtMs }) => !isPaused && !isDeaf && capturedAtMs >= keptFromMs,
    requestKeyFrame: (sid) => tap.requestKeyFrame(sid),
    requestKeyFrames: () => tap.requestKeyFrames(),
  })
  const silence = awaitSilentStart({
    expectsMedia: () => !isPaused && listener.expectsMedia,
    start: () => {
      // What was captured before the start has no place on the clock.
      keptFromMs = Math.max(keptFromMs, wallClockMs())
      start(keptFromMs)
    },
  })
  for (const part of story.mendedParts) say(part)
  const tap = openRoomTap({
    url,
    token: async () => token,
    log,
    listener: {
      ...listener,
      connected: (joined) => {
        room ??= joined
        listener.connected(joined)
        silence.connected()
      },
      ended: (reason, detail = '') => void tapEnded(reason, detail),
    },
  })

  const tapEnded = (reason: TapEnd, detail: string) => {
    switch (reason) {
      case 'room-closed':
      case 'removed':
        return finish(reason)
      case 'duplicate-identity':
        isReplaced = true
        return fail('replaced', detail)
      case 'failed':
        return fail('refused', detail)
      case 'closed':
        return
    }
  }
  /** Leaves, and ends all files. */
  const end = async () => {
    isOver = true
    silence.cancel()
    clearInterval(reporting)
    await Promise.race([tap.close(), passing(leaveLimitMs, undefined, { ref: false })])
    isDeaf = true
    await spool.close()
    // The first that is written may be what was held until now.
    cutting?.stop()
  }
  const finish = async (reason: RecorderEnd) => {
    if (isOver) return
    const endedAtMs = Math.floor(wallClockMs())
    await end()
    story.start(endedAtMs)
    tell({ type: 'ended', atMs: endedAtMs - (story.startedAtMs ?? 0) })
    await story.close()
    try {
      if (diskError) throw diskError
      say({ type: 'ended', reason, durationMs: await story.writeTimeline() })
    } catch (error) {
      say({ type: 'failed', reason: diskFailureOf(error as Error), detail: (error as Error).message })
    }
  }
  const fail = async (reason: RecorderFailure, detail: string) => {
    if (isOver) return
    await Promise.race([end().then(story.close), passing(failureLimitMs, undefined, { ref: false })])
    say({ type: 'failed', reason, detail })
  }

  return {
    // It is said also when nothing changes: the recorder before may have been killed before it was heard.
    pause: () => {
      if (isOver) return
      const atMs = Math.round(story.nowMs())
      if (!isPaused) {
        isPaused = true
        spool.closeFiles(atMs)
        tell({ type: 'paused', atMs })
      }
      say({ type: 'paused', atMs })
    },
    resume: () => {
      if (isOver) return
      const atMs = Math.round(story.nowMs())
      if (isPaused) {
        isPaused = false
        keptFromMs = wallClockMs()
        tap.requestKeyFrames()
        tell({ type: 'resumed', atMs })
      }
      say({ type: 'resumed', atMs })
    },
    takeToken: (fresh) => {
      token = fresh
    },
    stop: (reason) => void finish(reason),
  }
}
