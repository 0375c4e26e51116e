import type { Codec, MediaFrame } from '../frame.ts'
import type { TapPacket } from '../packet.ts'
import { trackKinds } from '../tracks.ts'

export const clockRates: Record<Codec, number> = {
  opus: 48_000,
  vp8: 90_000,
  vp9: 90_000,
  h264: 90_000,
  av1: 90_000,
}

/** Frames that a depacketiser makes of packets. */
export function depacketise(codec: Codec, packets: TapPacket[]): MediaFrame[] {
  const depacketiser = trackKinds[codec].createDepacketiser()
  return packets.flatMap((packet) => depacketiser.push(packet))
}

/** A file of frames, whose times count from the RTP time stamp 0 and begin later by `offsetMs`. */
export function writeFile(codec: Codec, frames: MediaFrame[], offsetMs = 0, preRoll: Buffer[] = []): Buffer {
  const parts: Buffer[] = []
  const writer = trackKinds[codec].createWriter((bytes) => parts.push(bytes), preRoll)
  for (const frame of frames) writer.write(frame, offsetMs + (frame.timestamp * 1000) / clockRates[codec])
  writer.close()
  return Buffer.concat(parts)
}
