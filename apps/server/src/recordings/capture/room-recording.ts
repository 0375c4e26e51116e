import { setTimeout as pause } from 'node:timers/promises'
import type { RecordingEndReason } from '@rtcstack/contract'
import type { RecorderEvent, RecorderJob } from '@rtcstack/recorder'
import type { Logger } from 'pino'
import type { Recorder, RecorderEnding, Recorders } from './recorders.ts'
import { tokenEveryMs } from './token.ts'

/** What a room's recorders do, from the first to the last: one that dies is replaced. */
export interface RoomRecording {
  /** Ends it, for a reason that is the recording's; the first one counts. */
  stop(reason: RecordingEndReason): void
  setPaused(isPaused: boolean): void
  /** Ends the recorder and nothing else: the recording goes on elsewhere, or later. */
  abandon(): void
  /** Why the capture ended; undefined when it was abandoned, or taken over by another process. */
  readonly ending: Promise<RecordingEndReason | undefined>
}

interface RoomRecordingOptions {
  job: Omit<RecorderJob, 'type' | 'token'>
  recorders: Pick<Recorders, 'take'>
  token(): Promise<string>
  roomExists(): Promise<boolean>
  onEvent(event: RecorderEvent): void
  wantsPause: boolean
  log: Logger
}

const firstPauseMs = 200
const longestPauseMs = 5_000
/** One that has recorded for so long was well. */
const healthyMs = 10_000
const mostFailures = 12
/** After so many in a row another one begins at once: a call is going on. */
const promptFailures = 5
/** A recorder that is told to end has this long. */
const endLimitMs = 5_000

export function recordRoom(options: RoomRecordingOptions): RoomRecording {
  const { job, recorders, roomExists, onEvent, log } = options
  let { wantsPause } = options
  let stopReason: RecordingEndReason | undefined
  let isAbandoned = false
  let recorder: Recorder | undefined
  const over = new AbortController()

  const endRecorder = () => {
    const ended = recorder
    if (!ended) return
    ended.tell({ type: 'stop' })
    const killing = setTimeout(() => ended.kill(), endLimitMs)
    void ended.ending.then(() => clearTimeout(killing))
  }

  async function once(): Promise<RecorderEnding> {
    const token = await options.token()
    const current = recorders.take()
    recorder = current
    current.onEvent(onEvent)
    current.tell({ type: 'record', token, ...job })
    // The one before may have been killed in a pause that is over by now, or before one.
    current.tell({ type: wantsPause ? 'pause' : 'resume' })
    if (over.signal.aborted) endRecorder()
    const refreshing = setInterval(() => {
      options.token().then(
        (fresh) => current.tell({ type: 'token', token: fresh }),
        () => undefined,
      )
    }, tokenEveryMs)
    const ending = await current.ending
    clearInterval(refreshing)
    recorder = undefined
    return ending
  }

  async function run(): Promise<RecordingEndReason | undefined> {
    let failures = 0
    for (;;) {
      const startedAt = performance.now()
      const ending = await once()
      if (isAbandoned) return undefined
      if (stopReason) return stopReason
      const judged = judge(ending)
      if (judged !== 'again') return judged
      if (performance.now() - startedAt > healthyMs) failures = 0
      if (!(await roomExists().catch(() => true))) return 'room-closed'
      if (++failures > mostFailures) return 'recorder-failed'
      log.warn({ recordingId: job.recordingId, ending, failures }, 'a recorder ended; another one goes on')
      const pauseMs =
        failures <= promptFailures
          ? 0
          : Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - promptFailures))
      await pause(pauseMs, undefined, { signal: over.signal }).catch(() => undefined)
      if (isAbandoned) return undefined
      if (stopReason) return stopReason
    }
  }

  return {
    stop: (reason) => {
      if (stopReason) return
      stopReason = reason
      over.abort()
      endRecorder()
    },
    setPaused: (isPaused) => {
      if (isPaused === wantsPause) return
      wantsPause = isPaused
      recorder?.tell({ type: isPaused ? 'pause' : 'resume' })
    },
    abandon: () => {
      isAbandoned = true
      over.abort()
      endRecorder()
    },
    ending: run(),
  }
}

/** What the end of a recorder means for its recording. */
function judge(ending: RecorderEnding): RecordingEndReason | 'again' | undefined {
  if (ending.type === 'died') return 'again'
  if (ending.type === 'ended') return ending.reason === 'room-closed' ? 'room-closed' : 'again'
  switch (ending.reason) {
    case 'disk-full':
      return 'disk-full'
    case 'replaced':
      return undefined
    case 'disk-failed':
    case 'disk-slow':
    case 'refused':
      return 'again'
  }
}
