import { type Static, Type } from 'typebox'
import { Instant, strict } from './shapes.ts'

/** A point in a recording: milliseconds from its start. */
const Ms = Type.Number({ minimum: 0 })

/** From one point up to another; null while it goes on. */
const Span = strict({ fromMs: Ms, untilMs: Type.Union([Ms, Type.Null()]) }, { $id: 'TimelineSpan' })
export type TimelineSpan = Static<typeof Span>

/** A stay of a participant: who comes back is another one. */
const Participant = strict(
  {
    sid: Type.String({ description: 'PA_…' }),
    identity: Type.String(),
    name: Type.String(),
    kind: Type.String({ description: 'STANDARD, INGRESS, SIP, AGENT, …' }),
    role: Type.Union([Type.String(), Type.Null()]),
    ...Span.properties,
  },
  { $id: 'TimelineParticipant' },
)
export type TimelineParticipant = Static<typeof Participant>

/** A file that holds a stretch of a track, beginning with a key frame. Time stamps in it count from the recording's start. */
const Part = strict(
  {
    file: Type.String({ description: 'Relative to the folder of the timeline, with forward slashes.' }),
    codec: Type.String({ enum: ['opus', 'vp8', 'vp9', 'h264', 'av1'] }),
    mediaType: Type.String(),
    sizeBytes: Type.Integer({ minimum: 0 }),
    ...Span.properties,
  },
  { $id: 'TimelinePart' },
)
export type TimelinePart = Static<typeof Part>

const Track = strict(
  {
    sid: Type.String({ description: 'TR_…' }),
    participantSid: Type.String(),
    kind: Type.String({ enum: ['audio', 'video'] }),
    source: Type.String({ description: 'MICROPHONE, CAMERA, SCREEN_SHARE, SCREEN_SHARE_AUDIO or UNKNOWN.' }),
    ...Span.properties,
    muted: Type.Array(Span),
    gaps: Type.Array(Span, { description: 'What was sent and not received.' }),
    parts: Type.Array(Part, { description: 'In order, without overlap.' }),
  },
  { $id: 'TimelineTrack' },
)
export type TimelineTrack = Static<typeof Track>

/**
 * What happened while a room was recorded, and which files hold what was sent: `timeline.json`, beside those files. It is
 * the source of every rendering and transcript. Version 1; a reader refuses versions that it does not know.
 */
export const Timeline = strict(
  {
    version: Type.Literal(1),
    recordingId: Type.String({ description: 'EG_…' }),
    room: strict({ sid: Type.String(), name: Type.String() }),
    startedAt: Instant,
    durationMs: Type.Union([Ms, Type.Null()], { description: 'Null while the recording goes on.' }),
    participants: Type.Array(Participant),
    tracks: Type.Array(Track),
    speakers: Type.Array(
      strict({
        atMs: Ms,
        sids: Type.Array(Type.String(), { description: 'PA_… of who speaks from here on, loudest first.' }),
      }),
    ),
    pauses: Type.Array(Span, { description: 'Nothing of these times is in any file.' }),
    gaps: Type.Array(Span, { description: 'The recorder itself was away.' }),
  },
  { $id: 'Timeline' },
)
export type Timeline = Static<typeof Timeline>
