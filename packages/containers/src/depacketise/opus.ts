import { readOpusPacket } from '../bitstream/opus-packet.ts'
import type { Depacketiser } from './depacketiser.ts'

/** Opus in RTP (RFC 7587): one packet is one unit. What is missing between two shows in their time stamps. */
export function createOpusDepacketiser(): Depacketiser {
  return {
    push({ timestamp, capturedAtMs, payload }) {
      return readOpusPacket(payload) ? [{ timestamp, capturedAtMs, isKey: true, data: payload }] : []
    },
    gap() {},
  }
}
