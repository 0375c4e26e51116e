import type { Socket } from 'node:dgram'
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpSender,
  RtpHeader,
  RtpPacket,
  useSdesMid,
} from 'werift'

/** A participant of LiveKit that publishes by WHIP (RFC 9725). */
export interface WhipConnection {
  send(kind: TrackKind, payload: Buffer, timestamp: number, isLast: boolean): void
  /** Takes the participant out. */
  close(): Promise<void>
}

export type TrackKind = 'audio' | 'video'

export interface WhipOptions {
  url: string
  token: string
  kinds: TrackKind[]
  /** The time of a packet as NTP has it, for sender reports. */
  ntpOf(kind: TrackKind, timestamp: number): bigint
  /** Somebody cannot show the video until there is a key frame. */
  onKeyFrameWanted(): void
  /** LiveKit is not heard any more; once, and never after `close`. */
  onLost(): void
  signal: AbortSignal
}

const codecs = {
  video: new RTCRtpCodecParameters({
    mimeType: 'video/H264',
    clockRate: 90_000,
    payloadType: 102,
    rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  }),
  audio: new RTCRtpCodecParameters({
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    payloadType: 111,
    parameters: 'minptime=10;useinbandfec=1;stereo=1',
  }),
}

const requestLimitMs = 5_000
const connectLimitMs = 8_000
/** LiveKit reports each second on what it receives. */
const mostSilentSeconds = 6

/** Resolves once media can be sent; rejects when LiveKit refuses, or does not answer in time. */
export async function connectWhip(options: WhipOptions): Promise<WhipConnection> {
  const { url, token, kinds, signal } = options
  const peer = new RTCPeerConnection({
    codecs: { video: [codecs.video], audio: [codecs.audio] },
    headerExtensions: { video: [useSdesMid()], audio: [useSdesMid()] },
    iceServers: [],
    bundlePolicy: 'max-bundle',
  })
  const tracks = new Map(kinds.map((kind) => [kind, addTrack(peer, kind, options)]))
  let location: string | undefined
  const leave = async () => {
    if (location) await request(location, { method: 'DELETE' }, token).catch(() => undefined)
    await peer.close()
  }
  try {
    await peer.setLocalDescription(await peer.createOffer())
    guardSockets(peer)
    const answer = await request(
      url,
      { method: 'POST', body: peer.localDescription?.sdp ?? '', signal },
      token,
    )
    if (answer.status !== 201) throw new Error(`WHIP answered ${answer.status}`)
    location = new URL(answer.headers.get('location') ?? '', url).href
    await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() })
    await connected(peer, signal)
  } catch (error) {
    await leave()
    throw error
  }
  const stopWatching = watchForSilence(peer, options.onLost)
  return {
    send: (kind, payload, timestamp, isLast) => tracks.get(kind)?.(payload, timestamp, isLast),
    async close() {
      stopWatching()
      await leave()
    },
  }
}

async function request(url: string, init: RequestInit, token: string): Promise<Response> {
  const limit = AbortSignal.timeout(requestLimitMs)
  return fetch(url, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
    signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit,
  })
}

/** What sends the packets of a new track. */
function addTrack(peer: RTCPeerConnection, kind: TrackKind, { ntpOf, onKeyFrameWanted }: WhipOptions) {
  const track = new MediaStreamTrack({ kind })
  const { sender } = peer.addTransceiver(track, { direction: 'sendonly' })
  sender.onPictureLossIndication.subscribe(onKeyFrameWanted)
  reportTimes(sender, (timestamp) => ntpOf(kind, timestamp))
  let sequenceNumber = Math.floor(Math.random() * 0x8000)
  return (payload: Buffer, timestamp: number, isLast: boolean) => {
    sequenceNumber = (sequenceNumber + 1) & 0xffff
    // The payload type and the source are put in by the sender.
    const header = new RtpHeader({ marker: isLast, sequenceNumber, timestamp, payloadType: 0, ssrc: 1 })
    track.writeRtp(new RtpPacket(header, payload))
  }
}

/**
 * werift reports when a packet was sent, where its media's time belongs, and writes the fraction of a second as decimals. By
 * the first, receivers would show the picture earlier than the sound by what the sound takes through ffmpeg.
 */
function reportTimes(sender: RTCRtpSender, ntpOf: (timestamp: number) => bigint): void {
  // Private to TypeScript alone; the version of werift is pinned.
  const internals = sender as unknown as { rtpTimestamp: number }
  Object.defineProperty(sender, 'ntpTimestamp', {
    get: () => ntpOf(internals.rtpTimestamp),
    set: () => undefined,
  })
}

async function connected(peer: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = () => {
    if (peer.connectionState === 'connected') resolve()
    if (peer.connectionState === 'failed') reject(new Error('LiveKit does not answer'))
  }
  const stop = () => reject(new Error('LiveKit does not answer in time'))
  const limit = setTimeout(stop, connectLimitMs)
  signal.addEventListener('abort', stop, { once: true })
  peer.connectionStateChange.subscribe(look)
  look()
  await promise.finally(() => {
    clearTimeout(limit)
    signal.removeEventListener('abort', stop)
  })
}

/**
 * ICE needs half a minute to notice a LiveKit that is gone. Seconds are counted here, not measured, so that this process may
 * itself stand still.
 */
function watchForSilence(peer: RTCPeerConnection, onLost: () => void): () => void {
  let silentSeconds = 0
  for (const sender of peer.getSenders())
    sender.onRtcp.subscribe(() => {
      silentSeconds = 0
    })
  const ticking = setInterval(() => {
    silentSeconds++
    const isLost = silentSeconds > mostSilentSeconds || ['failed', 'closed'].includes(peer.connectionState)
    if (!isLost) return
    clearInterval(ticking)
    onLost()
  }, 1_000)
  return () => clearInterval(ticking)
}

/** werift listens to no error of its sockets, so that a network that is gone for a moment would end the process. */
function guardSockets(peer: RTCPeerConnection): void {
  for (const { connection } of peer.iceTransports) {
    const { protocols = [] } = connection as { protocols?: { transport?: { socket?: Socket } }[] }
    for (const { transport } of protocols) transport?.socket?.on('error', () => undefined)
  }
}
