import type { Offer, OfferedCodec, OfferedMedia } from './offer.ts'

/** Our end of the one transport that everything is bundled on. */
export interface LocalTransport {
  iceUsername: string
  icePassword: string
  fingerprint: { algorithm: string; value: string }
  /** Where its UDP sockets can be reached, the best first. */
  candidates: { address: string; port: number }[]
}

/** Header extensions that something here reads. */
export const extensionUris = {
  transportSequence: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
} as const

// LiveKit sends a track in the codec it was published in when that is answered, and would fall back, or fail, otherwise.
// H.265 is left out: for it publishers keep a second codec ready.
const wanted = ['opus', 'red', 'vp8', 'h264', 'vp9', 'av1']
const feedbackWanted = ['nack', 'nack pli', 'goog-remb', 'transport-cc']

/** The answer to an offer: everything is received as it is published, nothing is sent. */
export function writeAnswer(offer: Offer, local: LocalTransport): string {
  const accepted = offer.media.filter((media) => !media.isRejected)
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${accepted.map(({ mid }) => mid).join(' ')}`,
    'a=extmap-allow-mixed',
    'a=msid-semantic:WMS *',
    ...offer.media.flatMap((media) => answerMedia(media, local)),
    '',
  ].join('\r\n')
}

function answerMedia(media: OfferedMedia, local: LocalTransport): string[] {
  const isData = media.kind === 'application'
  const codecs = acceptedCodecs(media.codecs)
  const formats = isData || codecs.length === 0 ? media.formats : codecs.map(({ payloadType }) => payloadType)
  const opening = [
    `m=${media.kind} ${media.isRejected ? 0 : 9} ${media.protocol} ${formats.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${media.mid}`,
  ]
  if (media.isRejected) return [...opening, 'a=inactive']
  const transport = [
    `a=ice-ufrag:${local.iceUsername}`,
    `a=ice-pwd:${local.icePassword}`,
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    'a=setup:active',
    ...local.candidates.map(writeCandidate),
    'a=end-of-candidates',
  ]
  if (isData) return [...opening, ...transport, `a=sctp-port:${media.sctpPort}`, 'a=max-message-size:65536']
  return [
    ...opening,
    ...transport,
    media.isSending ? 'a=recvonly' : 'a=inactive',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs.flatMap(answerCodec),
    ...media.extensions
      .filter(({ uri }) => Object.values<string>(extensionUris).includes(uri))
      .map(({ id, uri }) => `a=extmap:${id} ${uri}`),
  ]
}

/** A host candidate (RFC 8839, 5.1), with the type preference of one and a place among ours. */
const writeCandidate = ({ address, port }: { address: string; port: number }, index: number) =>
  `a=candidate:${index + 1} 1 udp ${2 ** 24 * 126 + 2 ** 8 * (65_535 - index) + 255} ${address} ${port} typ host`

const answerCodec = ({ payloadType, rtpmap, fmtp, feedback }: OfferedCodec): string[] => [
  `a=rtpmap:${payloadType} ${rtpmap}`,
  ...fmtp.map((text) => `a=fmtp:${payloadType} ${text}`),
  ...feedback
    .filter((text) => feedbackWanted.includes(text))
    .map((text) => `a=rtcp-fb:${payloadType} ${text}`),
]

/** The wanted codecs and the repairs of them; all of them when none is wanted, as a section without codecs is none. */
function acceptedCodecs(codecs: OfferedCodec[]): OfferedCodec[] {
  const chosen = codecs.filter(({ name }) => wanted.includes(name.toLowerCase()))
  if (chosen.length === 0) return codecs
  const numbers = chosen.map(({ payloadType }) => payloadType)
  return codecs.filter((codec) => chosen.includes(codec) || numbers.includes(repairedBy(codec) ?? -1))
}

/** The codec whose packets this one repeats, undefined for what is no repair. */
export function repairedBy({ name, fmtp }: OfferedCodec): number | undefined {
  const [, number] = name.toLowerCase() === 'rtx' ? (/(?:^|;)apt=(\d+)/.exec(fmtp[0] ?? '') ?? []) : []
  return number === undefined ? undefined : Number(number)
}
