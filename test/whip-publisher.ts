import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpSender,
  useSdesMid,
} from 'werift'

/** Somebody who publishes by WHIP with a WebRTC stack that is neither LiveKit's nor ours. */
export interface WhipPublisher {
  /** Address of what it publishes, and the entity tag of its ICE session. */
  readonly resource: string
  readonly etag: string
  /** Milliseconds of performance.now() at which its media was connected. */
  readonly connectedAtMs: number
  /** Candidates of its offer, as a fragment that adds them by PATCH. */
  readonly fragment: string
  /** Says goodbye by DELETE; the status of the answer. */
  end(): Promise<number>
  /** Falls silent without a goodbye. */
  vanish(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface WhipPublication {
  /** The endpoint, and the headers of the offer beside its type. */
  url: string
  headers?: Record<string, string>
  /** A name of ffmpeg's. */
  colour: string
  toneHz: number
}

const vp8 = () =>
  new RTCRtpCodecParameters({
    mimeType: 'video/VP8',
    clockRate: 90_000,
    payloadType: 96,
    rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
  })
const opus = () =>
  new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: 111 })

/** Publishes a white block that moves on a ground, and a tone; resolves when the media is connected, rejects with the status of a refusal. */
export async function publishByWhip({
  url,
  headers,
  colour,
  toneHz,
}: WhipPublication): Promise<WhipPublisher> {
  const peer = new RTCPeerConnection({
    codecs: { video: [vp8()], audio: [opus()] },
    headerExtensions: { video: [useSdesMid()], audio: [useSdesMid()] },
    iceServers: [],
    bundlePolicy: 'max-bundle',
  })
  const encoder = await encode(colour, toneHz)
  const vanish = async () => {
    await encoder.stop()
    await peer.close()
  }
  try {
    for (const track of [encoder.video, encoder.audio])
      withRightClock(peer.addTransceiver(track, { direction: 'sendonly' }).sender)
    await peer.setLocalDescription(await peer.createOffer())
    const offer = peer.localDescription?.sdp ?? ''
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', ...headers },
      body: offer,
    })
    const text = await answer.text()
    if (answer.status !== 201) throw new Error(`WHIP was refused: ${answer.status} ${text}`)
    const resource = answer.headers.get('location') ?? ''
    const connected = peer.connectionStateChange.watch((state) => state === 'connected', 10_000)
    await peer.setRemoteDescription({ type: 'answer', sdp: text })
    await connected
    return {
      resource,
      etag: answer.headers.get('etag') ?? '',
      connectedAtMs: performance.now(),
      fragment: fragmentOf(offer),
      end: async () => (await fetch(resource, { method: 'DELETE' })).status,
      vanish,
      [Symbol.asyncDispose]: vanish,
    }
  } catch (error) {
    await vanish()
    throw error
  }
}

/** werift writes the fraction of a second as decimal digits, by which receivers shift pictures against the sound by seconds. */
function withRightClock(sender: RTCRtpSender): void {
  let timestamp = 0n
  Object.defineProperty(sender, 'ntpTimestamp', {
    get: () => timestamp,
    set: () => {
      const now = Date.now()
      const seconds = BigInt(Math.floor(now / 1000) + secondsFrom1900To1970)
      timestamp = (seconds << 32n) | BigInt(Math.floor(((now % 1000) / 1000) * 2 ** 32))
    },
  })
}

const secondsFrom1900To1970 = 2_208_988_800

interface Encoder {
  video: MediaStreamTrack
  audio: MediaStreamTrack
  stop(): Promise<void>
}

/** ffmpeg as the camera and the microphone: it sends RTP to ports of ours. */
async function encode(colour: string, toneHz: number): Promise<Encoder> {
  const video = new MediaStreamTrack({ kind: 'video' })
  const audio = new MediaStreamTrack({ kind: 'audio' })
  const sockets = [await receive(video), await receive(audio)]
  const [videoPort, audioPort] = sockets.map((socket) => socket.address().port)
  const picture = `color=${colour}:s=320x180:r=15[ground];color=white:s=40x40:r=15[block];[ground][block]overlay=x='mod(t*400,280)':y=70`
  const child = spawn(
    'ffmpeg',
    [
      ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', picture],
      ...['-re', '-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=48000,volume=6dB`],
      ...[
        '-map',
        '0:v',
        '-c:v',
        'libvpx',
        '-deadline',
        'realtime',
        '-cpu-used',
        '8',
        '-b:v',
        '300k',
        '-g',
        '4',
      ],
      ...[
        '-pix_fmt',
        'yuv420p',
        '-payload_type',
        '96',
        '-f',
        'rtp',
        `rtp://127.0.0.1:${videoPort}?pkt_size=1200`,
      ],
      ...['-map', '1:a', '-c:a', 'libopus', '-ac', '2', '-payload_type', '111'],
      ...['-f', 'rtp', `rtp://127.0.0.1:${audioPort}?pkt_size=1200`],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return { video, audio, stop: () => stop(child, sockets) }
}

async function receive(track: MediaStreamTrack): Promise<Socket> {
  const socket = createSocket('udp4').on('message', (packet) => track.writeRtp(packet))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

async function stop(child: ChildProcess, sockets: Socket[]): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const socket of sockets) socket.close()
  }
}

/** What of a description a PATCH carries (RFC 8840). */
function fragmentOf(sdp: string): string {
  const lines = sdp.split('\r\n')
  const first = (prefix: string) => lines.find((line) => line.startsWith(prefix)) ?? ''
  return [
    ...['a=ice-ufrag:', 'a=ice-pwd:', 'm=', 'a=mid:'].map(first),
    ...lines.filter((line) => line.startsWith('a=candidate:')).slice(0, 2),
    'a=end-of-candidates',
    '',
  ].join('\r\n')
}
