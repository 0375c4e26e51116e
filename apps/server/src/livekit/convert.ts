import type {
  EgressInfo as LiveKitEgress,
  ParticipantInfo as LiveKitParticipant,
  Room as LiveKitRoom,
  TrackInfo as LiveKitTrack,
} from '@livekit/protocol'
import {
  EgressStatus,
  IngressInput,
  IngressState,
  IngressState_Status,
  TrackInfo as IngressTrack,
  IngressInfo as LiveKitIngress,
  ParticipantInfo_Kind,
} from '@livekit/protocol'
import type { IngressInfo, IngressType, ParticipantInfo, Room, TrackInfo } from '@rtcstack/contract'

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

/** An endpoint that streams are published to, and the one that is or was last. */
export interface Ingress {
  id: string
  type: IngressType
  url: string
  streamKey: string
  room: string
  identity: string
  name: string
  state: 'inactive' | 'publishing' | 'error'
  error: string
  roomSid: string
  participantSid: string
  startedAt: Date | null
  endedAt: Date | null
  updatedAt: Date
  tracks: TrackInfo[]
}

/** LiveKit's word for how a stream comes in. */
export const ingressInputs = { rtmp: IngressInput.RTMP_INPUT, whip: IngressInput.WHIP_INPUT }
const ingressStates = {
  inactive: IngressState_Status.ENDPOINT_INACTIVE,
  publishing: IngressState_Status.ENDPOINT_PUBLISHING,
  error: IngressState_Status.ENDPOINT_ERROR,
}

/** An endpoint as the API gives it. */
export function toIngressInfo(ingress: Ingress): IngressInfo {
  const tracks = ingress.tracks.map((track) => IngressTrack.fromJson(track, { ignoreUnknownFields: true }))
  const [video, audio] = ['VIDEO', 'AUDIO'].map((type) => ingress.tracks.find((track) => track.type === type))
  const info = new LiveKitIngress({
    ingressId: ingress.id,
    streamKey: ingress.streamKey,
    url: ingress.url,
    inputType: ingressInputs[ingress.type],
    roomName: ingress.room,
    participantIdentity: ingress.identity,
    participantName: ingress.name,
    reusable: true,
    enableTranscoding: false,
    state: {
      status: ingressStates[ingress.state],
      error: ingress.error,
      roomId: ingress.roomSid,
      resourceId: ingress.participantSid,
      startedAt: msToNanoseconds(ingress.startedAt),
      endedAt: msToNanoseconds(ingress.endedAt),
      updatedAt: msToNanoseconds(ingress.updatedAt),
      tracks,
      ...(video && { video: { mimeType: video.mimeType, width: video.width, height: video.height } }),
      ...(audio && { audio: { mimeType: audio.mimeType } }),
    },
  })
  return info.toJson(canonical) as unknown as IngressInfo
}

/** An endpoint of LiveKit's Ingress service as the API gives it. */
export function toInfoOfLiveKit(ingress: LiveKitIngress): IngressInfo {
  ingress.state ??= new IngressState()
  return ingress.toJson(canonical) as unknown as IngressInfo
}

const msToNanoseconds = (time: Date | null) => BigInt(time?.getTime() ?? 0) * 1_000_000n
const nanosecondsToMs = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n)
