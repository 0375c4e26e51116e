import type { RecordedTrack, Timeline } from '@rtcstack/contract'
import { keysOf } from './keys.ts'

/** The tracks of a recording as the API lists them, with the keys of their files. */
export function recordedTracks({ participants, tracks }: Timeline, place: string): RecordedTrack[] {
  const people = new Map(participants.map((participant) => [participant.sid, participant]))
  return tracks.map(({ sid, participantSid, kind, source, parts, ...span }) => ({
    trackSid: sid,
    participantSid,
    identity: people.get(participantSid)?.identity ?? '',
    name: people.get(participantSid)?.name ?? '',
    kind,
    source,
    ...wholeMs(span),
    files: parts
      .filter(({ sizeBytes }) => sizeBytes > 0)
      .map(({ file, codec, mediaType, sizeBytes, ...partSpan }) => ({
        key: keysOf(place).part(file),
        mediaType,
        codec,
        sizeBytes,
        ...wholeMs(partSpan),
      })),
  }))
}

const wholeMs = ({ fromMs, untilMs }: { fromMs: number; untilMs: number | null }) => ({
  fromMs: Math.round(fromMs),
  untilMs: untilMs === null ? null : Math.round(untilMs),
})
