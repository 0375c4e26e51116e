import { SessionDescription, SignalTarget, type TrickleRequest } from '@livekit/protocol'
import { type Offer, readOffer } from './offer.ts'
import { openTransport, type SubscriberTransport, type TransportListener } from './transport.ts'

export interface NegotiationListener extends TransportListener {
  /** The transport can be sent to from now on, though nothing arrives before it is connected. */
  opened(sendRtcp: (packet: Buffer) => void): void
  /** An offer that is about to be answered: its packets come after the answer. */
  offered(offer: Offer): void
  answered(answer: SessionDescription): void
}

/** Takes LiveKit's offers and candidates strictly one after the other, however fast they come. */
export interface Negotiation {
  offer(offer: SessionDescription): void
  candidate(candidate: TrickleRequest): void
  close(): Promise<void>
}

export function openNegotiation(listener: NegotiationListener): Negotiation {
  const opening = openTransport(listener)
  let isOver = false
  let last: Promise<unknown> = opening.then((transport) => isOver || listener.opened(transport.sendRtcp))
  const next = (step: (transport: SubscriberTransport) => Promise<void>) => {
    last = last
      .then(async () => isOver || (await step(await opening)))
      .catch((error: Error) => isOver || listener.failed(error.message))
  }
  return {
    offer: ({ sdp, id }) =>
      next(async (transport) => {
        const offer = readOffer(sdp)
        listener.offered(offer)
        listener.answered(new SessionDescription({ type: 'answer', sdp: await transport.answer(offer), id }))
      }),
    candidate: ({ target, candidateInit }) => {
      if (target === SignalTarget.SUBSCRIBER)
        next((transport) => transport.addCandidate(JSON.parse(candidateInit)))
    },
    close: async () => {
      isOver = true
      await opening.then((transport) => transport.close()).catch(() => undefined)
    },
  }
}
