import type { PayloadFormat } from '../stream/ordered-stream.ts'
import { extensionUris, repairedBy } from './answer.ts'
import type { Offer, OfferedCodec } from './offer.ts'

/** Where packets of an SSRC belong. */
export interface Source {
  ssrc: number
  trackSid: string
  participantSid: string
  kind: 'audio' | 'video'
  /** The SSRC whose packets this one repeats. */
  repairs: number | undefined
}

/** A number in front of payloads, and what it stands for; repairs are in the format that they repair. */
export interface SourceFormat extends PayloadFormat {
  isRepair: boolean
}

/** What an offer says about the packets that will come. */
export interface Sources {
  bySsrc: ReadonlyMap<number, Source>
  byPayloadType: ReadonlyMap<number, SourceFormat>
  /** Of the header extension with the transport-wide sequence number; undefined when LiveKit does not use it. */
  transportSequenceId: number | undefined
  /** LiveKit goes by our estimate of what the way to us can carry. */
  wantsEstimate: boolean
}

/** Before the first offer. */
export const noSources: Sources = {
  bySsrc: new Map(),
  byPayloadType: new Map(),
  transportSequenceId: undefined,
  wantsEstimate: false,
}

/** Makes a map of an offer. It is whole each time: a section, once free, is used for another track. */
export function readSources(offer: Offer): Sources {
  const sending = offer.media.filter(({ isRejected, isSending }) => !isRejected && isSending)
  const codecs = new Map(sending.flatMap(({ codecs }) => codecs.map((codec) => [codec.payloadType, codec])))
  const extensions = sending.flatMap(({ extensions }) => extensions)
  const transportSequenceId = extensions.find(({ uri }) => uri === extensionUris.transportSequence)?.id
  const feedback = [...codecs.values()].flatMap(({ feedback }) => feedback)
  return {
    bySsrc: new Map(
      sending.flatMap(({ kind, trackSid, participantSid, streams }) =>
        streams.flatMap(({ ssrc, repairs }): [number, Source][] =>
          trackSid && participantSid && (kind === 'audio' || kind === 'video')
            ? [[ssrc, { ssrc, trackSid, participantSid, kind, repairs }]]
            : [],
        ),
      ),
    ),
    byPayloadType: new Map(
      sending.flatMap((media) =>
        media.codecs.map((codec) => [codec.payloadType, formatOf(codec, media.kind, codecs)]),
      ),
    ),
    transportSequenceId,
    wantsEstimate: transportSequenceId === undefined && feedback.includes('goog-remb'),
  }
}

function formatOf(codec: OfferedCodec, kind: string, codecs: Map<number, OfferedCodec>): SourceFormat {
  const repaired = codecs.get(repairedBy(codec) ?? -1)
  const { name, clockRate } = repaired ?? codec
  const isRed = name.toLowerCase() === 'red'
  return { mimeType: mimeTypeOf(`${kind}/${name}`), clockRate, isRed, isRepair: repaired !== undefined }
}

const spellings = ['audio/opus', 'video/VP8', 'video/H264', 'video/VP9', 'video/AV1', 'video/H265']

/** The type as it is written everywhere here; that of redundant audio is what it holds. */
export function mimeTypeOf(announced: string): string {
  const name = announced.toLowerCase()
  if (name === 'audio/red') return 'audio/opus'
  return spellings.find((spelling) => spelling.toLowerCase() === name) ?? announced
}
