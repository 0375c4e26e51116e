import type { Timeline, TimelineParticipant, TimelineTrack } from '@rtcstack/contract'

/** A timeline in which nothing happens. */
export const emptyTimeline = (durationMs: number): Timeline => ({
  version: 1,
  recordingId: 'EG_test',
  room: { sid: 'RM_test', name: 'room' },
  startedAt: '2026-01-01T12:00:00.000Z',
  durationMs,
  participants: [],
  tracks: [],
  speakers: [],
  pauses: [],
  gaps: [],
})

export const participant = (
  sid: string,
  fromMs: number,
  untilMs: number | null,
  name = sid,
): TimelineParticipant => ({ sid, identity: sid, name, kind: 'STANDARD', role: null, fromMs, untilMs })

/** A track of one part that covers it, in which nothing is muted, unless more is said. */
export function track(
  participantSid: string,
  source: string,
  span: { fromMs: number; untilMs: number | null },
  more: Partial<TimelineTrack> = {},
): TimelineTrack {
  const kind = source === 'MICROPHONE' || source === 'SCREEN_SHARE_AUDIO' ? 'audio' : 'video'
  const sid = `TR_${participantSid}_${source}`
  const file = `tracks/${sid}.${kind === 'audio' ? 'ogg' : 'webm'}`
  const codec = kind === 'audio' ? 'opus' : 'vp8'
  const part = {
    file,
    codec,
    mediaType: kind === 'audio' ? 'audio/ogg' : 'video/webm',
    sizeBytes: 1,
    ...span,
  }
  return { sid, participantSid, kind, source, ...span, muted: [], gaps: [], parts: [part], ...more }
}
