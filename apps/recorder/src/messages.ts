/** What a recorder is told, over IPC: the job first and once, then commands. */
export type RecorderMessage = RecorderJob | RecorderCommand

export interface RecorderJob {
  type: 'record'
  recordingId: string
  /** Where LiveKit's signalling is. */
  url: string
  /** Of a hidden recorder. */
  token: string
  /** For this recording alone; what another recorder has left there is gone on with. */
  directory: string
  /** Each track begins a new file this often; 60 000 unless told. */
  segmentMs?: number
}

export type RecorderCommand =
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'stop' }
  /** A fresh one, for the connections to come. */
  | { type: 'token'; token: string }

/** What a recorder says. After `ended` or `failed` it says no more, and its process ends. */
export type RecorderEvent =
  /** The first media has been written, or there is none to wait for: the clock runs. */
  | { type: 'started'; startedAt: string }
  /** Each second from then on. `participants`: how many are in the room, LiveKit's helpers and the hidden apart. */
  | { type: 'progress'; durationMs: number; sizeBytes: number; participants: number }
  /** A part is on the disk and grows no more; the journal tells of it. Its path is as in the timeline. */
  | RecordedPart
  /** From here on nothing is written. */
  | { type: 'paused'; atMs: number }
  | { type: 'resumed'; atMs: number }
  /** All files are on the disk, `timeline.json` too. */
  | { type: 'ended'; reason: RecorderEnd; durationMs: number }
  /** What has been written until then can be salvaged. */
  | { type: 'failed'; reason: RecorderFailure; detail: string }

export interface RecordedPart {
  type: 'part'
  file: string
  kind: 'audio' | 'video'
  sizeBytes: number
  fromMs: number
  untilMs: number
}

/** `terminated`: by SIGTERM, or because its parent is gone. */
export type RecorderEnd = 'stopped' | 'terminated' | 'room-closed' | 'removed'

export type RecorderFailure =
  | 'disk-full'
  | 'disk-failed'
  /** The disk takes less than comes in. */
  | 'disk-slow'
  /** Another recorder has taken its place; the files are that one's now. */
  | 'replaced'
  /** LiveKit does not let it in, or not any more. */
  | 'refused'
