import type {
  DeliveryAttempt,
  IngressType,
  ParticipantInfo,
  RecordedTrack,
  RecordingEndReason,
  RecordingError,
  RecordingStatus,
  RenderLayout,
  Room,
  TrackInfo,
} from '@rtcstack/contract'
import type { ColumnType, Generated } from 'kysely'

/** How a file is rendered: pixels, frames a second, x264's constant rate factor. */
export interface Picture {
  width: number
  height: number
  fps: number
  crf: number
  layout: RenderLayout
}

/** The rows of every table, as the migrations make them. */
export interface Tables {
  bans: {
    room: string
    identity: string
    /** Rises with every kick anywhere: a token that knows a lower one was issued before the kick. */
    epoch: Generated<string>
    kicked_at: ColumnType<Date, Date | undefined, Date>
    /** Until when new tokens are refused; 'infinity' is for ever. */
    banned_until: ColumnType<Date | number, Date | string, Date | string>
  }
  idempotency_keys: {
    scope: string
    key: string
    fingerprint: Buffer
    expires_at: Date
    running_until: Date
    status: number | null
    sealed: Buffer | null
  }
  audit_log: {
    id: Generated<string>
    at: ColumnType<Date, undefined, never>
    actor: string
    action: string
    room: string | null
    target: string | null
    /** HTTP status of the answer; null where the row says that the change began. */
    result: number | null
    ip: string
    request_id: string
  }
  inbox: {
    id: Generated<string>
    /** LiveKit's own EV_… id, equal over its retries. */
    livekit_id: string
    body: string
    received_at: Generated<Date>
    processed_at: Date | null
    /** Why nothing could be made of it. */
    fault: string | null
  }
  events: {
    position: Generated<string>
    id: string
    type: string
    room: string
    sequence: string
    /** The event in JSON, as it is delivered. */
    body: string
    recorded_at: Generated<Date>
  }
  sessions: {
    sid: string
    room: string
    info: Room
    started_at: Date
    ended_at: Date | null
    present: number
    peak: number
    /** When anything was last heard of it, by the database's clock. */
    seen_at: Date
  }
  session_participants: {
    sid: string
    session: string
    stage: 'unseen' | 'present' | 'left' | 'nobody'
    identity: string
    info: ParticipantInfo
    joined_at: Date | null
    left_at: Date | null
    /** Sids of the tracks whose events are in the ledger. */
    tracks: string[]
    /** Tracks heard of before the join was. */
    waiting: TrackInfo[]
    seen_at: Date
  }
  webhooks: {
    id: string
    url: string
    events: string[]
    sealed_secret: Buffer
    sealed_old_secret: Buffer | null
    old_secret_until: Date | null
    status: Generated<'active' | 'disabled'>
    disabled_reason: string | null
    /** Since when no delivery has succeeded; null after a success. */
    failing_since: Date | null
    failures: Generated<number>
    created_at: Generated<Date>
    updated_at: Generated<Date>
  }
  deliveries: {
    webhook_id: string
    position: string
    state: Generated<'pending' | 'delivered' | 'failed'>
    /** Attempts of the present run through the schedule. */
    tries: Generated<number>
    next_at: Generated<Date>
    claimed_by: string | null
    /** Until when the claim keeps others away. */
    lease_until: Date | null
    attempts: Generated<DeliveryAttempt[]>
    created_at: Generated<Date>
  }
  /** Endpoints whose deliveries are still to be forgotten. */
  deleted_webhooks: {
    id: string
    deleted_at: Generated<Date>
  }
  /** Who is there to do the work of a role: alive while the beat is fresh. */
  workers: {
    id: string
    role: 'record' | 'render' | 'rtmp'
    capacity: number
    beat_at: Generated<Date>
  }
  recordings: {
    id: string
    room: string
    state: Generated<RecordingStatus>
    created_at: Generated<Date>
    started_at: Date | null
    /** When it was asked to stop. */
    stopped_at: Date | null
    /** When the capture ended. */
    ended_at: Date | null
    wants_pause: Generated<boolean>
    is_paused: Generated<boolean>
    end_reason: RecordingEndReason | null
    error: RecordingError | null
    duration_ms: string | null
    progress: Generated<number>
    bucket: string
    /** How its file is rendered, so that all its chunks are alike. */
    picture: Picture
    key: string | null
    size_bytes: string | null
    tracks: Generated<RecordedTrack[]>
    /** When all that was captured was in the store, and all renders queued. */
    captured_at: Date | null
    /** LiveKit's own id of the egress that records it, where that does. */
    engine_id: string | null
    tracks_deleted_at: Date | null
    /** It is gone for the outside; what is left of it is being removed. */
    deleted_at: Date | null
    /** Who captures it. */
    claimed_by: string | null
    lease_until: Date | null
  }
  /** What is rendered of a recording: the chunks of its file, the file out of them, and what was asked for beside it. */
  renders: {
    recording_id: string
    name: string
    kind: 'chunk' | 'file' | 'extra' | 'clearing'
    state: Generated<'queued' | 'done' | 'failed'>
    from_ms: string
    until_ms: string
    is_last: Generated<boolean>
    layout: RenderLayout
    created_at: Generated<Date>
    done_at: Date | null
    tries: Generated<number>
    next_at: Generated<Date>
    progress: Generated<number>
    size_bytes: string | null
    /** Of what was made: whole frames. */
    duration_ms: number | null
    fault: string | null
    claimed_by: string | null
    lease_until: Date | null
  }
  /** Endpoints that streams are published to; those that were deleted stay until their last stream has come to its end. */
  ingresses: {
    id: string
    room: string
    type: IngressType
    identity: string
    name: string
    /** SHA-256 of the stream key. */
    key_digest: Buffer
    sealed_key: Buffer
    /** LiveKit's Ingress service has it, under the same id, and has to delete it too. */
    in_livekit: Generated<boolean>
    created_at: Generated<Date>
    deleted_at: Date | null
    /** Of the participant that publishes, or did last. */
    participant_sid: string | null
    room_sid: string | null
    started_at: Date | null
    ended_at: Date | null
    tracks: Generated<TrackInfo[]>
    /** Why it cannot publish, by whoever takes its stream. */
    error: Generated<string>
    updated_at: Generated<Date>
  }
}
