import { mkdir } from 'node:fs/promises'
import { setTimeout as passing } from 'node:timers/promises'
import { openRoomTap, type TapEnd, type TapLog, wallClockMs } from '@rtcstack/room-tap'
import { SlowDiskError } from './append-file.ts'
import { listenToRoom } from './listener.ts'
import type { RecorderEnd, RecorderEvent, RecorderFailure, RecorderJob } from './messages.ts'
import { openSpool } from './spool.ts'
import { openStory } from './story.ts'

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
/** Leaving is told to LiveKit, which need not answer. */
const leaveLimitMs = 1_000
const failureLimitMs = 1_500
/** Packets of sound come more often: without any, and without LiveKit, for longer, something may be missing. */
const shortestAwayMs = 100

/** Joins a room and records it; rejects when the folder cannot be used. */
export async function startRecording({ job, say, log }: RecordingOptions): Promise<Recording> {
  const { directory, recordingId, url, segmentMs = defaultSegmentMs } = job
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const diskFailed = (error: Error) => void fail(diskFailureOf(error), error.message)
  let room: { sid: string; name: string } | undefined
  const story = await openStory({ directory, recordingId, room: () => room, failed: diskFailed })
  let { token } = job
  let isPaused = story.wasPaused
  let resumedAtMs = Number.NEGATIVE_INFINITY
  let lastPacketAtMs = 0
  let hasStarted = false
  let isOver = false
  let isReplaced = false
  let cutting: NodeJS.Timeout | undefined
  let reporting: NodeJS.Timeout | undefined

  const tell: typeof story.tell = (event) => {
    if (!isReplaced) story.tell(event)
  }
  const cutLater = () => {
    // A cut is a key frame behind a boundary of the grid: that is asked for when there it is.
    cutting = setTimeout(
      () => {
        if (!isPaused) tap.requestKeyFrames()
        cutLater()
      },
      segmentMs - (story.nowMs() % segmentMs),
    )
  }
  const start = (capturedAtMs: number) => {
    hasStarted = true
    story.start(capturedAtMs)
    say({ type: 'started', startedAt: new Date(story.startedAtMs ?? 0).toISOString() })
    cutLater()
    reporting = setInterval(() => {
      tell({ type: 'alive', atMs: story.nowMs() })
      say({ type: 'progress', durationMs: Math.round(story.nowMs()), sizeBytes: spool.sizeBytes })
    }, 1_000)
  }
  const spool = openSpool({
    directory,
    segmentMs,
    clock: (capturedAtMs) => {
      if (!hasStarted) start(capturedAtMs)
      return capturedAtMs - (story.startedAtMs ?? 0)
    },
    tell,
    requestKeyFrame: (sid) => tap.requestKeyFrame(sid),
    failed: diskFailed,
  })
  const heard = listenToRoom({
    nowMs: story.nowMs,
    tell,
    spool,
    requestKeyFrame: (sid) => tap.requestKeyFrame(sid),
  })
  const tap = openRoomTap({
    url,
    token: async () => token,
    log,
    listener: {
      ...heard.listener,
      connected: (joined) => {
        room ??= joined
        const since = heard.takeDisconnection()
        if (since !== undefined) {
          const awayMs = wallClockMs() - Math.max(since, lastPacketAtMs)
          const untilMs = story.nowMs()
          if (awayMs > shortestAwayMs) tell({ type: 'away', fromMs: Math.max(0, untilMs - awayMs), untilMs })
          spool.cut()
          tap.requestKeyFrames()
        }
        tell({ type: 'connected', atMs: story.nowMs() })
      },
      packet: (sid, packet) => {
        lastPacketAtMs = wallClockMs()
        const track = heard.track(sid)
        // What was said in a pause may come late.
        if (track && !isPaused && packet.capturedAtMs >= resumedAtMs) spool.packet(track, packet)
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
  /** Leaves, and ends all files. False when it is over already. */
  const end = async () => {
    isOver = true
    clearTimeout(cutting)
    clearInterval(reporting)
    await Promise.race([tap.close(), passing(leaveLimitMs, undefined, { ref: false })])
    await spool.close()
  }
  const finish = async (reason: RecorderEnd) => {
    if (isOver) return
    const endedAtMs = wallClockMs()
    await end()
    story.start(endedAtMs)
    tell({ type: 'ended', atMs: endedAtMs - (story.startedAtMs ?? 0) })
    await story.close()
    try {
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
    pause: () => {
      if (isOver || isPaused) return
      isPaused = true
      spool.closeFiles()
      const atMs = story.nowMs()
      tell({ type: 'paused', atMs })
      say({ type: 'paused', atMs })
    },
    resume: () => {
      if (isOver || !isPaused) return
      isPaused = false
      resumedAtMs = wallClockMs()
      tap.requestKeyFrames()
      const atMs = story.nowMs()
      tell({ type: 'resumed', atMs })
      say({ type: 'resumed', atMs })
    },
    takeToken: (fresh) => {
      token = fresh
    },
    stop: (reason) => void finish(reason),
  }
}

function diskFailureOf(error: NodeJS.ErrnoException): RecorderFailure {
  if (error instanceof SlowDiskError) return 'disk-slow'
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk-full' : 'disk-failed'
}
