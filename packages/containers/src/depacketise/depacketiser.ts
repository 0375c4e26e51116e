import type { MediaFrame } from '../frame.ts'
import type { TapPacket } from '../packet.ts'

/** Makes frames of the packets of one track. Whatever the packets hold, it never throws, and what it keeps is bounded. */
export interface Depacketiser {
  /** The frames that this packet completes, in decoding order. A hole in the sequence numbers is a gap. */
  push(packet: TapPacket): MediaFrame[]
  /** Says that something was lost before the next packet, where the sequence numbers do not tell. */
  gap(): void
}
