import type { IngressType, TrackInfo } from '@rtcstack/contract'

/** An endpoint, and the stream that is published to it or was last. */
export interface IngressRow {
  id: string
  room: string
  type: IngressType
  identity: string
  name: string
  keyDigest: Buffer
  sealedKey: Buffer
  /** Whether LiveKit's Ingress service has it, under the same id; else its streams come to us. */
  inLiveKit: boolean
  deletedAt: Date | null
  /** Of the participant that the stream is, or was. */
  participantSid: string | null
  roomSid: string | null
  startedAt: Date | null
  /** Null while it is published, too. */
  endedAt: Date | null
  tracks: TrackInfo[]
  error: string
  updatedAt: Date
}

/** The columns of a row, by its names. */
export const columns = [
  'id',
  'room',
  'type',
  'identity',
  'name',
  'key_digest as keyDigest',
  'sealed_key as sealedKey',
  'in_livekit as inLiveKit',
  'deleted_at as deletedAt',
  'participant_sid as participantSid',
  'room_sid as roomSid',
  'started_at as startedAt',
  'ended_at as endedAt',
  'tracks',
  'error',
  'updated_at as updatedAt',
] as const

/** The participant attribute that names the endpoint which a stream came by; it is signed, as all of a token. */
export const ingressAttribute = 'rtcstack.ingress'

/** The same of a stream that LiveKit's Ingress service takes, which makes its token. */
export const liveKitIngressAttribute = 'ingress.ingressID'

/** The endpoint that a participant came by; undefined for everybody else. */
export const ingressOf = (participant: {
  kind: string
  attributes: Record<string, string>
}): string | undefined =>
  participant.kind === 'INGRESS'
    ? (participant.attributes[ingressAttribute] ?? participant.attributes[liveKitIngressAttribute])
    : undefined
