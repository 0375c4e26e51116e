import type { BanService } from '../../bans/service.ts'
import { ProblemError, problems } from '../../http/problem.ts'
import type { Sealing } from '../../secrets/sealing.ts'
import type { IngressAdmission } from '../admission.ts'
import type { IngressRow } from '../row.ts'
import { readResource, type WhipResource, writeResource } from './resource.ts'
import type { AskWhip } from './upstream.ts'

interface WhipServiceOptions {
  admission: IngressAdmission
  /** An endpoint by its id, unless it was deleted. */
  find: (ingressId: string) => Promise<IngressRow | undefined>
  bans: Pick<BanService, 'check'>
  sealing: Sealing
  ask: AskWhip
}

/** Streams that are published by WHIP (RFC 9725): LiveKit answers, and the way to it is by stream keys and addresses of ours. */
export function createWhipService({ admission, find, bans, sealing, ask }: WhipServiceOptions) {
  /** The stream that an address names, while its endpoint is there and nobody has kicked it. */
  async function open(text: string): Promise<{ resource: WhipResource; ingress: IngressRow }> {
    const resource = readResource(sealing, text)
    const ingress = resource && (await find(resource.ingressId))
    if (!ingress) throw problems.publishingNotFound()
    const credential = { epoch: resource.epoch, issuedAt: new Date(resource.begunAtMs) }
    await bans.check({ room: ingress.room, identity: ingress.identity }, credential)
    return { resource, ingress }
  }

  return {
    /** The endpoint of a stream key; throws `unauthorized` where there is none. */
    admit: (streamKey: string): Promise<IngressRow> => admission.find('whip', streamKey),

    /** Begins a stream: the answer to its offer, and the last part of the address that it is changed and ended by. */
    async publish(ingress: IngressRow, offer: string) {
      const epoch = await admission.epochOf(ingress)
      const { body, location, iceSession, links } = await ask({
        method: 'POST',
        token: await admission.token(ingress, epoch),
        contentType: 'application/sdp',
        body: offer,
      })
      const participantSid = location.split('/').at(-1) ?? ''
      if (!/^PA_\w+$/.test(participantSid))
        throw problems.mediaServerRefused(new Error('LiveKit named no participant for a stream of WHIP'))
      const resource = writeResource(sealing, {
        ingressId: ingress.id,
        participantSid,
        epoch,
        begunAtMs: Date.now(),
      })
      return { answer: body, resource, iceSession, links }
    },

    /** Adds candidates to the ICE session that `ifMatch` names, or begins a new one where it is `*`. */
    async change(text: string, ifMatch: string | undefined, fragment: string) {
      const { resource, ingress } = await open(text)
      if (ifMatch === undefined)
        throw new ProblemError(
          'precondition-required',
          'The If-Match header must name the ICE session, or be *',
        )
      const { status, body, iceSession } = await ask({
        method: 'PATCH',
        participantSid: resource.participantSid,
        token: await admission.token(ingress, resource.epoch),
        contentType: 'application/trickle-ice-sdpfrag',
        ifMatch: unquoted(ifMatch),
        body: fragment,
      })
      return { fragment: status === 200 ? body : undefined, iceSession }
    },

    async end(text: string): Promise<void> {
      const { resource, ingress } = await open(text)
      await ask({
        method: 'DELETE',
        participantSid: resource.participantSid,
        token: await admission.token(ingress, resource.epoch),
      })
    },
  }
}

export type WhipService = ReturnType<typeof createWhipService>

/** LiveKit takes entity tags without the quotes that RFC 9110 wants around them. */
const unquoted = (entityTag: string) => /^(?:W\/)?"(.*)"$/.exec(entityTag)?.[1] ?? entityTag
