import type {
  EgressInfo as LiveKitEgress,
  ParticipantInfo as LiveKitParticipant,
  Room as LiveKitRoom,
  TrackInfo as LiveKitTrack,
} from '@livekit/protocol'
import { EgressStatus, ParticipantInfo_Kind } from '@livekit/protocol'
import type { ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'

/** Canonical protojson: camelCase, defaults present, int64 as strings, enums as names. */
const canonical = { emitDefaultValues: true } as const

/** A room as the API gives it. */
export const toRoom = (room: LiveKitRoom) => room.toJson(canonical) as unknown as Room

/** A participant as the API gives it. */
export const toParticipant = (participant: LiveKitParticipant) =>
  participant.toJson(canonical) as unknown as ParticipantInfo

/** A track as the API gives it. */
export const toTrack = (track: LiveKitTrack) => track.toJson(canonical) as unknown as TrackInfo

/** Whether a participant is one of our helpers (recorder, captions), whom the outside never sees. */
export function isHelper(participant: LiveKitParticipant): boolean {
  const { permission, kind } = participant
  return permission?.hidden === true || permission?.recorder === true || kind === ParticipantInfo_Kind.EGRESS
}

/** A recording by LiveKit's Egress service, into one file. */
export interface Egress {
  /** LiveKit's own. */
  id: string
  state: 'starting' | 'active' | 'ending' | 'complete' | 'limit-reached' | 'failed' | 'aborted'
  /** The key that its file was asked for at. */
  key: string | undefined
  /** When the first of the file was written. */
  startedAt: Date | undefined
  /** Of the file, when it is whole. */
  durationMs: number
  sizeBytes: number
  /** What it says of its end: for the log only. */
  fault: string
}

const egressStates: Record<EgressStatus, Egress['state']> = {
  [EgressStatus.EGRESS_STARTING]: 'starting',
  [EgressStatus.EGRESS_ACTIVE]: 'active',
  [EgressStatus.EGRESS_ENDING]: 'ending',
  [EgressStatus.EGRESS_COMPLETE]: 'complete',
  [EgressStatus.EGRESS_FAILED]: 'failed',
  [EgressStatus.EGRESS_ABORTED]: 'aborted',
  [EgressStatus.EGRESS_LIMIT_REACHED]: 'limit-reached',
}

/** An egress as recordings follow it. */
export function toEgress({ egressId, status, request, fileResults, error }: LiveKitEgress): Egress {
  const [file] = fileResults
  return {
    id: egressId,
    state: egressStates[status],
    key: request.case === 'roomComposite' ? request.value.fileOutputs[0]?.filepath : undefined,
    startedAt: file && file.startedAt > 0n ? new Date(nanosecondsToMs(file.startedAt)) : undefined,
    durationMs: nanosecondsToMs(file?.duration ?? 0n),
    sizeBytes: Number(file?.size ?? 0n),
    fault: error,
  }
}

const nanosecondsToMs = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n)
