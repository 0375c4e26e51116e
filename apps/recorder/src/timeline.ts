import type { Timeline, TimelineTrack } from '@rtcstack/contract'
import { begin, end, lasts, withoutOverlap } from './spans.ts'
import type { TimelineEvent } from './timeline-event.ts'

/** What the events of a recording make; undefined for one that has not started. */
export function timelineOf(events: readonly TimelineEvent[]): Timeline | undefined {
  const [started, ...rest] = events
  if (started?.type !== 'started') return undefined
  const { version, recordingId, room, startedAt } = started
  const timeline: Timeline = {
    version,
    recordingId,
    room,
    startedAt,
    durationMs: null,
    participants: [],
    tracks: [],
    speakers: [],
    pauses: [],
    gaps: [],
  }
  const known: Known = { unconfirmed: new Set(), awaySinceMs: 0 }
  for (const event of rest) apply(timeline, event, known)
  return withoutEmpty(timeline)
}

interface Known {
  /** Sids of who, and what, was there before the recorder was away, and has not been told of since. */
  unconfirmed: Set<string>
  awaySinceMs: number
}

function apply(timeline: Timeline, event: TimelineEvent, known: Known): void {
  const trackOf = (sid: string) => timeline.tracks.find((track) => track.sid === sid)
  switch (event.type) {
    case 'joined': {
      known.unconfirmed.delete(event.participant.sid)
      const there = timeline.participants.find(({ sid }) => sid === event.participant.sid)
      if (there) Object.assign(there, event.participant, { untilMs: null })
      else timeline.participants.push({ ...event.participant, fromMs: event.atMs, untilMs: null })
      break
    }
    case 'left':
      endStay(timeline, event.sid, event.atMs)
      break
    case 'published': {
      known.unconfirmed.delete(event.track.sid)
      const there = trackOf(event.track.sid)
      const fresh = { fromMs: event.atMs, untilMs: null, muted: [], gaps: [], parts: [] }
      const track = there ?? { ...event.track, ...fresh }
      if (there) there.untilMs = null
      else timeline.tracks.push(track)
      if (event.muted) begin(track.muted, event.atMs)
      else end(track.muted, event.atMs)
      break
    }
    case 'muted':
      begin(trackOf(event.sid)?.muted ?? [], event.atMs)
      break
    case 'unmuted':
      end(trackOf(event.sid)?.muted ?? [], event.atMs)
      break
    case 'unpublished':
      endTrack(trackOf(event.sid), event.atMs)
      break
    case 'speaking':
      timeline.speakers.push({ atMs: event.atMs, sids: event.sids })
      break
    case 'paused':
      begin(timeline.pauses, event.atMs)
      break
    case 'resumed':
      end(timeline.pauses, event.atMs)
      break
    case 'lost': {
      const track = trackOf(event.sid)
      // A track that was muted is numbered anew, as if something had been lost; nothing was sent.
      const fromMs = Math.max(event.fromMs, track?.muted.at(-1)?.untilMs ?? 0)
      if (event.untilMs > fromMs) track?.gaps.push({ fromMs, untilMs: event.untilMs })
      break
    }
    case 'away':
      timeline.gaps.push({ fromMs: event.fromMs, untilMs: event.untilMs })
      break
    case 'opened': {
      const { file, codec, mediaType, atMs } = event
      trackOf(event.sid)?.parts.push({ file, codec, mediaType, sizeBytes: 0, fromMs: atMs, untilMs: null })
      break
    }
    case 'closed': {
      const part = timeline.tracks.flatMap(({ parts }) => parts).find(({ file }) => file === event.file)
      if (part) Object.assign(part, { untilMs: event.untilMs, sizeBytes: event.sizeBytes })
      break
    }
    case 'taken-over': {
      for (const { sid, untilMs } of [...timeline.participants, ...timeline.tracks])
        if (untilMs === null) known.unconfirmed.add(sid)
      known.awaySinceMs = event.fromMs
      timeline.durationMs = null
      if (timeline.speakers.at(-1)?.sids.length) timeline.speakers.push({ atMs: event.fromMs, sids: [] })
      begin(timeline.gaps, event.fromMs)
      break
    }
    case 'connected':
      for (const sid of known.unconfirmed) {
        endStay(timeline, sid, known.awaySinceMs)
        endTrack(trackOf(sid), known.awaySinceMs)
      }
      known.unconfirmed.clear()
      end(timeline.gaps, event.atMs)
      break
    case 'ended':
      endAll(timeline, event.atMs)
      break
    case 'started':
    case 'alive':
      break
  }
}

function endStay(timeline: Timeline, sid: string, atMs: number): void {
  const stay = timeline.participants.find((participant) => participant.sid === sid)
  if (!stay || stay.untilMs !== null) return
  stay.untilMs = Math.max(stay.fromMs, atMs)
  for (const track of timeline.tracks) if (track.participantSid === sid) endTrack(track, atMs)
}

function endTrack(track: TimelineTrack | undefined, atMs: number): void {
  if (track?.untilMs !== null) return
  track.untilMs = Math.max(track.fromMs, atMs)
  end(track.muted, atMs)
}

function endAll(timeline: Timeline, atMs: number): void {
  const parts = timeline.tracks.flatMap((track) => track.parts)
  const durationMs = Math.max(atMs, ...parts.map(({ untilMs }) => untilMs ?? 0))
  timeline.durationMs = durationMs
  for (const { sid } of timeline.participants) endStay(timeline, sid, durationMs)
  for (const track of timeline.tracks) endTrack(track, durationMs)
  end(timeline.pauses, durationMs)
  end(timeline.gaps, durationMs)
}

/** Files in which nothing came to be, and stays and pauses that were over when the recording started. */
function withoutEmpty(timeline: Timeline): Timeline {
  return {
    ...timeline,
    participants: timeline.participants.filter(lasts),
    tracks: timeline.tracks.filter(lasts).map((track) => ({
      ...track,
      muted: track.muted.filter(lasts),
      parts: withoutOverlap(
        track.parts.filter(({ untilMs, sizeBytes }) => untilMs === null || sizeBytes > 0),
      ),
    })),
    pauses: timeline.pauses.filter(lasts),
    gaps: timeline.gaps.filter(lasts),
  }
}
