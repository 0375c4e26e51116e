import type { Codec } from '../frame.ts'
import type { TapPacket } from '../packet.ts'
import { ffmpeg } from './ffmpeg.ts'
import { readIvf } from './ivf.ts'
import { av1Payloads, packetsOf } from './packetise.ts'
import { packetsByFfmpeg } from './rtp.ts'

export const encoders = ['vp8', 'vp9', 'h264', 'h264 with B-frames', 'av1'] as const
export type Encoder = (typeof encoders)[number]

export const codecOf = (encoder: Encoder): Codec => (encoder === 'h264 with B-frames' ? 'h264' : encoder)

export interface Picture {
  size?: string
  seconds?: number
  keyEvery?: number
}

export interface Stream {
  /** As another program wrote it. */
  file: Buffer
  packets: TapPacket[]
}

/** A moving test picture at 25 frames a second: a file, and its packets, by ffmpeg's muxer where that knows the codec. */
export async function encodeStream(encoder: Encoder, picture: Picture = {}): Promise<Stream> {
  const { size = '320x240', seconds = 2, keyEvery = 20 } = picture
  const source = `testsrc2=size=${size}:rate=25:duration=${seconds}`
  const coding = [...coders[encoder], '-b:v', '400k', '-g', String(keyEvery), '-pix_fmt', 'yuv420p']
  // The Matroska muxer of some ffmpegs wants to go back to the header of AV1.
  const format = encoder === 'av1' ? 'ivf' : 'matroska'
  const file = await ffmpeg(['-f', 'lavfi', '-i', source, ...coding, '-f', format, 'pipe:1'])
  if (encoder !== 'av1') return { file, packets: await packetsByFfmpeg(file, filters[encoder]) }
  const pictures = readIvf(file).map((unit, index) => av1Payloads(unit, index % keyEvery === 0))
  return { file, packets: packetsOf(pictures) }
}

/** A tone as Opus, and its packets. */
export async function encodeTone({ seconds = 3, frequency = 440, channels = 1 } = {}): Promise<Stream> {
  const source = `sine=frequency=${frequency}:duration=${seconds}:sample_rate=48000`
  const coding = ['-ac', String(channels), '-c:a', 'libopus', '-application', 'voip', '-b:a', '32k']
  const file = await ffmpeg(['-f', 'lavfi', '-i', source, ...coding, '-f', 'ogg', 'pipe:1'])
  return { file, packets: await packetsByFfmpeg(file) }
}

const realtime = ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-auto-alt-ref', '0']
const coders: Record<Encoder, string[]> = {
  vp8: ['-c:v', 'libvpx', ...realtime],
  vp9: ['-c:v', 'libvpx-vp9', ...realtime],
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  'h264 with B-frames': ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-profile:v', 'high'],
  av1: ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'],
}

/** Brings the parameter sets of H.264 from the file's header before each key frame, as they are sent. */
const filters: Partial<Record<Encoder, string>> = {
  h264: 'h264_mp4toannexb',
  'h264 with B-frames': 'h264_mp4toannexb',
}
