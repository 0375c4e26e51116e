import type { TapPacket } from '../packet.ts'

/** Packets without some, which were lost on the way: the numbers keep their holes. */
export const loseEvery = (nth: number, packets: TapPacket[]) =>
  packets.filter((_, index) => index % nth !== nth - 1)

/** Packets without some, which were never sent: the numbers close up. */
export function withoutSending(isSent: (packet: TapPacket) => boolean, packets: TapPacket[]): TapPacket[] {
  return packets.filter(isSent).map((packet, sequence) => ({ ...packet, sequence }))
}

/** One stream after another, the second one's packets numbered and timed on, from `timestamp` on. */
export function inTurn(first: TapPacket[], second: TapPacket[], timestamp: number): TapPacket[] {
  const later = second.map((packet) => ({
    ...packet,
    sequence: packet.sequence + first.length,
    timestamp: packet.timestamp + timestamp,
  }))
  return [...first, ...later]
}
