import { isDeepStrictEqual } from 'node:util'
import {
  type ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  type SpeakerInfo,
  type TrackInfo,
  TrackSource,
  TrackType,
} from '@livekit/protocol'
import type { TapListener, TapParticipant, TapTrack } from '../listener.ts'
import { mimeTypeOf } from '../transport/sources.ts'

type RoomListener = Pick<
  TapListener,
  | 'participantJoined'
  | 'participantUpdated'
  | 'participantLeft'
  | 'trackPublished'
  | 'trackUpdated'
  | 'trackUnpublished'
  | 'speakersChanged'
>

/** Who and what is in the room, as LiveKit has told; says what has changed. */
export interface RoomState {
  /** What LiveKit says of some participants, or of all there are. */
  update(participants: ParticipantInfo[], options?: { areAll: boolean }): void
  /** What has changed in who speaks. */
  speakers(changed: SpeakerInfo[]): void
  /** LiveKit tells only changes: after some have been missed, nobody speaks until it is told. */
  forgetSpeakers(): void
  /** Packets of a track come in this codec, whatever was announced. */
  codec(trackSid: string, mimeType: string): void
  track(sid: string): TapTrack | undefined
  has(participantSid: string): boolean
  /** Nobody is there but us. */
  readonly isEmpty: boolean
}

/** A room without ourselves: `ownSid` says who that is at the time. */
export function createRoomState(listener: RoomListener, ownSid: () => string | undefined): RoomState {
  const participants = new Map<string, TapParticipant>()
  const tracks = new Map<string, TapTrack>()
  const flowing = new Map<string, string>()
  const levels = new Map<string, number>()
  let speaking: string[] = []

  const removeTrack = (sid: string) => {
    tracks.delete(sid)
    flowing.delete(sid)
    listener.trackUnpublished(sid)
  }
  const tracksOf = (participantSid: string) =>
    [...tracks.values()].filter((track) => track.participantSid === participantSid)

  const remove = (sid: string) => {
    if (!participants.has(sid)) return
    for (const track of tracksOf(sid)) removeTrack(track.sid)
    if (levels.delete(sid)) tellSpeakers()
    participants.delete(sid)
    listener.participantLeft(sid)
  }
  const put = (participant: TapParticipant) => {
    const before = participants.get(participant.sid)
    participants.set(participant.sid, participant)
    if (!before) listener.participantJoined(participant)
    else if (!isDeepStrictEqual(before, participant)) listener.participantUpdated?.(participant)
  }
  const putTrack = (track: TapTrack) => {
    const before = tracks.get(track.sid)
    const now = { ...track, mimeType: flowing.get(track.sid) ?? track.mimeType }
    tracks.set(track.sid, now)
    if (!before) listener.trackPublished(now)
    else if (!isDeepStrictEqual(before, now)) listener.trackUpdated(now)
  }
  const tellSpeakers = () => {
    const loudestFirst = [...levels].sort(([, a], [, b]) => b - a).map(([sid]) => sid)
    if (isDeepStrictEqual(loudestFirst, speaking)) return
    speaking = loudestFirst
    listener.speakersChanged(loudestFirst)
  }

  return {
    update: (infos, { areAll } = { areAll: false }) => {
      const others = infos.filter(({ sid }) => sid !== ownSid())
      // Who came first is told first.
      const present = others
        .filter(({ state }) => state !== ParticipantInfo_State.DISCONNECTED)
        .sort((one, other) => Number(one.joinedAtMs - other.joinedAtMs))
      const gone = areAll
        ? [...participants.keys()].filter((sid) => !present.some((info) => info.sid === sid))
        : others.filter((info) => !present.includes(info)).map(({ sid }) => sid)
      for (const sid of gone) remove(sid)
      for (const info of present) {
        put(toParticipant(info))
        const published = info.tracks.flatMap((track) => toTrack(track, info.sid) ?? [])
        for (const { sid } of tracksOf(info.sid))
          if (!published.some((track) => track.sid === sid)) removeTrack(sid)
        for (const track of published) putTrack(track)
      }
    },
    speakers: (changed) => {
      for (const { sid, active, level } of changed) {
        if (active && participants.has(sid)) levels.set(sid, level)
        else levels.delete(sid)
      }
      tellSpeakers()
    },
    forgetSpeakers: () => {
      levels.clear()
      tellSpeakers()
    },
    codec: (trackSid, mimeType) => {
      const track = tracks.get(trackSid)
      flowing.set(trackSid, mimeType)
      if (track) putTrack(track)
    },
    track: (sid) => tracks.get(sid),
    has: (participantSid) => participants.has(participantSid),
    get isEmpty() {
      return participants.size === 0
    },
  }
}

const toParticipant = (info: ParticipantInfo): TapParticipant => ({
  sid: info.sid,
  identity: info.identity,
  name: info.name,
  kind: ParticipantInfo_Kind[info.kind]?.toLowerCase() ?? 'standard',
  attributes: { ...info.attributes },
  metadata: info.metadata,
})

function toTrack(info: TrackInfo, participantSid: string): TapTrack | undefined {
  if (info.type === TrackType.DATA) return undefined
  return {
    sid: info.sid,
    participantSid,
    kind: info.type === TrackType.AUDIO ? 'audio' : 'video',
    source: TrackSource[info.source]?.toLowerCase() ?? 'unknown',
    mimeType: mimeTypeOf(info.mimeType),
    width: info.width,
    height: info.height,
    muted: info.muted,
  }
}
