import type { Codec, MediaFrame } from '../frame.ts'
import type { TapPacket } from '../packet.ts'
import { trackKinds } from '../tracks.ts'
import { ffmpeg } from './ffmpeg.ts'

export const clockRates: Record<Codec, number> = { opus: 48_000, vp8: 90_000, vp9: 90_000, h264: 90_000, av1: 90_000 }

/** Frames that a depacketiser makes of packets. */
export function depacketise(codec: Codec, packets: TapPacket[]): MediaFrame[] {
  const depacketiser = trackKinds[codec].createDepacketiser()
  return packets.flatMap((packet) => depacketiser.push(packet))
}

/** A file of frames, whose times count from the RTP time stamp 0 and begin later by `offsetMs`. */
export function writeFile(codec: Codec, frames: MediaFrame[], offsetMs = 0): Buffer {
  const parts: Buffer[] = []
  const writer = trackKinds[codec].createWriter((bytes) => parts.push(bytes))
  for (const frame of frames) writer.write(frame, offsetMs + (frame.timestamp * 1000) / clockRates[codec])
  writer.close()
  return Buffer.concat(parts)
}

const realtime = ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0']
const encoders: Record<string, string[]> = {
  vp8: ['-c:v', 'libvpx', ...realtime, '-auto-alt-ref', '0', '-error-resilient', 'default'],
  vp9: ['-c:v', 'libvpx-vp9', ...realtime, '-auto-alt-ref', '0'],
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  'h264 with B-frames': ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-profile:v', 'high'],
  av1: ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'],
}

export interface Picture {
  size?: string
  seconds?: number
  keyEvery?: number
}

/** A file of a moving test picture at 25 frames a second, as another program would write it. */
export function encodePicture(
  encoder: keyof typeof encoders,
  { size = '320x240', seconds = 2, keyEvery = 20 }: Picture = {},
): Promise<Buffer> {
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`, '-pix_fmt', 'yuv420p']
  const coding = [...(encoders[encoder] ?? []), '-b:v', '400k', '-g', String(keyEvery)]
  // The Matroska muxer of some ffmpegs wants to go back to the header of AV1.
  return ffmpeg([...source, ...coding, '-f', encoder === 'av1' ? 'ivf' : 'matroska', 'pipe:1'])
}
