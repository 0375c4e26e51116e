import type { Sealing } from '../../secrets/sealing.ts'

const owner = 'whip resource'

/** A stream that is published by WHIP, as the address that its client was given names it. */
export interface WhipResource {
  ingressId: string
  /** PA_… of its participant, by which LiveKit knows it. */
  participantSid: string
  /** The kick up to which it knew when it began. */
  epoch: string
  /** Milliseconds since 1970. */
  begunAtMs: number
}

/** The last part of the address: it says all that is needed to go on, in any process, and can be neither read nor made by others. */
export const writeResource = (sealing: Pick<Sealing, 'seal'>, resource: WhipResource): string =>
  sealing.seal(owner, JSON.stringify(resource)).toString('base64url')

/** What such a part says; undefined where it is none of ours. */
export function readResource(sealing: Pick<Sealing, 'open'>, text: string): WhipResource | undefined {
  try {
    return JSON.parse(sealing.open(owner, Buffer.from(text, 'base64url'))) as WhipResource
  } catch {
    return undefined
  }
}
