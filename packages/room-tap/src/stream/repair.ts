import type { MissingPacket } from './reorder.ts'

/**
 * Packets overtake each other, and redundant audio fills a hole by itself within two packets. LiveKit also hears no
 * request within 100 ms of having sent a packet, or of the last request for it.
 */
const firstAskAfterMs = 40
const askAgainAfterMs = 110
/** LiveKit keeps some seconds of a stream; what has not come after several requests does not come. */
export const giveUpAfterMs = 1_000
/** As many as one request can name in a packet. */
const mostAtOnce = 400

/** The numbers to ask for now; marks them as asked. */
export function chooseRequests(missing: Iterable<MissingPacket>, nowMs: number): number[] {
  const chosen: number[] = []
  for (const packet of missing) {
    if (chosen.length === mostAtOnce) break
    const waitMs = packet.asked === 0 ? firstAskAfterMs : askAgainAfterMs
    if (nowMs - packet.askedAtMs < waitMs) continue
    packet.asked++
    packet.askedAtMs = nowMs
    chosen.push(packet.sequence)
  }
  return chosen
}

/** Whether the oldest of what is missing has been waited for long enough. */
export function isOverdue(missing: Iterable<MissingPacket>, nowMs: number): boolean {
  for (const oldest of missing) return nowMs - oldest.sinceMs >= giveUpAfterMs
  return false
}
