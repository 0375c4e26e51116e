import { randomBytes } from 'node:crypto'
import type { CreateIngressRequest, IngressType } from '@rtcstack/contract'

/** What an endpoint is to be. */
export interface WantedIngress {
  room: string
  type: IngressType
  identity: string
  name: string
}

/** What a request wants, with what it leaves out. */
export function wantedIngress(room: string, request: CreateIngressRequest): WantedIngress {
  const {
    type = 'rtmp',
    participantName = 'Ingress Stream',
    participantIdentity = `ingress-${randomBytes(6).toString('hex')}`,
  } = request
  return { room, type: type as IngressType, identity: participantIdentity, name: participantName }
}
