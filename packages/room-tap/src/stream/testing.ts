import type { RtpPacket } from '../rtp/rtp.ts'
import type { PayloadFormat } from './ordered-stream.ts'

export const opus: PayloadFormat = { mimeType: 'audio/opus', clockRate: 48_000, isRed: false }
export const vp8: PayloadFormat = { mimeType: 'video/VP8', clockRate: 90_000, isRed: false }

/** A packet of 20 ms of audio, the one that is `index` after the first; numbers may start anywhere. */
export function audioPacket(index: number, from: { sequence?: number; timestamp?: number } = {}): RtpPacket {
  const { sequence = 0, timestamp = 0 } = from
  return {
    ssrc: 1,
    payloadType: 111,
    sequenceNumber: (sequence + index) & 0xffff,
    timestamp: (timestamp + 960 * index) >>> 0,
    marker: false,
    payload: Buffer.from(`audio ${index}`),
  }
}

/** A packet of a VP8 frame of three packets; every `keyEvery`th frame is a key frame. */
export function videoPacket(index: number, { keyEvery = 1_000, sequence = 0 } = {}): RtpPacket {
  const frame = Math.floor(index / 3)
  const part = index % 3
  return {
    ssrc: 2,
    payloadType: 96,
    sequenceNumber: (sequence + index) & 0xffff,
    timestamp: 6_000 * frame,
    marker: part === 2,
    // The descriptor tells the start of a frame, the first bit behind it a key frame.
    payload: Buffer.from([part === 0 ? 0x10 : 0x00, frame % keyEvery === 0 ? 0 : 1, index & 0xff]),
  }
}
