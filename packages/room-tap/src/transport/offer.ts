/** A codec by its number in the packets. */
export interface OfferedCodec {
  payloadType: number
  /** As in SDP: VP8, H264, VP9, AV1, opus, red, rtx … */
  name: string
  clockRate: number
  /** What follows a=rtpmap, a=fmtp and a=rtcp-fb behind the number. */
  rtpmap: string
  fmtp: string[]
  feedback: string[]
}

/** A stream of packets on its way to us: of a track, or of repairs for another stream. */
export interface OfferedStream {
  ssrc: number
  repairs?: number
}

export interface OfferedMedia {
  kind: string
  mid: string
  /** The first line, with neither port nor formats. */
  protocol: string
  formats: string[]
  isRejected: boolean
  isSending: boolean
  /** Of the participant and of the track, when somebody sends. */
  participantSid: string | undefined
  trackSid: string | undefined
  codecs: OfferedCodec[]
  extensions: { id: number; uri: string }[]
  streams: OfferedStream[]
  sctpPort: number | undefined
}

export interface Offer {
  iceUsername: string
  icePassword: string
  isIceLite: boolean
  fingerprints: { algorithm: string; value: string }[]
  media: OfferedMedia[]
}

/** Reads what is needed of LiveKit's offer (RFC 8866, RFC 9429). Throws when it has no transport. */
export function readOffer(sdp: string): Offer {
  const [session = [], ...sections] = split(sdp)
  // LiveKit bundles everything, so any section's transport is that of all.
  const anywhere = (name: string) => [session, ...sections].flatMap((lines) => valuesOf(lines, name))
  const [iceUsername] = anywhere('ice-ufrag')
  const [icePassword] = anywhere('ice-pwd')
  if (!iceUsername || !icePassword) throw new Error('the offer names no ICE credentials')
  return {
    iceUsername,
    icePassword,
    isIceLite: session.includes('a=ice-lite'),
    fingerprints: anywhere('fingerprint').map((text) => {
      const [algorithm = '', value = ''] = text.split(' ')
      return { algorithm, value }
    }),
    media: sections.map(readMedia),
  }
}

function readMedia(lines: string[]): OfferedMedia {
  const [kind = '', port = '', protocol = '', ...formats] = lines[0]?.slice(2).split(' ') ?? []
  const [msid] = valuesOf(lines, 'msid')
  // The stream id starts with the participant's, the name of its stream behind a bar.
  const [stream = '', trackSid] = msid?.split(' ') ?? []
  const isSending = lines.includes('a=sendonly') || lines.includes('a=sendrecv')
  const [sctpPort] = valuesOf(lines, 'sctp-port')
  return {
    kind,
    mid: valuesOf(lines, 'mid')[0] ?? '',
    protocol,
    formats,
    isRejected: port === '0',
    isSending,
    participantSid: stream.split('|')[0] || undefined,
    trackSid,
    codecs: readCodecs(lines),
    extensions: valuesOf(lines, 'extmap').map((text) => {
      const [id = '', uri = ''] = text.split(' ')
      return { id: Number.parseInt(id, 10), uri }
    }),
    streams: isSending ? readStreams(lines) : [],
    sctpPort: sctpPort === undefined ? undefined : Number(sctpPort),
  }
}

function readCodecs(lines: string[]): OfferedCodec[] {
  const behindNumber = (name: string, payloadType: string) =>
    valuesOf(lines, name)
      .filter((text) => text.startsWith(`${payloadType} `))
      .map((text) => text.slice(payloadType.length + 1))
  return valuesOf(lines, 'rtpmap').map((text) => {
    const [payloadType = '', rtpmap = ''] = text.split(' ')
    const [name = '', clockRate = ''] = rtpmap.split('/')
    return {
      payloadType: Number(payloadType),
      name,
      clockRate: Number(clockRate),
      rtpmap,
      fmtp: behindNumber('fmtp', payloadType),
      feedback: behindNumber('rtcp-fb', payloadType),
    }
  })
}

function readStreams(lines: string[]): OfferedStream[] {
  const repairs = new Map(
    valuesOf(lines, 'ssrc-group')
      .map((text) => text.split(' '))
      .filter(([meaning]) => meaning === 'FID')
      .map(([, original, repair]) => [Number(repair), Number(original)]),
  )
  const ssrcs = new Set(valuesOf(lines, 'ssrc').map((text) => Number.parseInt(text, 10)))
  return [...ssrcs].map((ssrc) => {
    const original = repairs.get(ssrc)
    return original === undefined ? { ssrc } : { ssrc, repairs: original }
  })
}

/** Lines of the session, then of each medium. */
function split(sdp: string): string[][] {
  const parts: string[][] = [[]]
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) parts.push([])
    if (line !== '') parts.at(-1)?.push(line)
  }
  return parts
}

/** What attributes of a name say. */
const valuesOf = (lines: string[], name: string): string[] =>
  lines.filter((line) => line.startsWith(`a=${name}:`)).map((line) => line.slice(name.length + 3))
