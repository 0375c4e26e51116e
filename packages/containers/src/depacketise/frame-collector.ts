import type { MediaFrame } from '../frame.ts'
import type { TapPacket } from '../packet.ts'
import type { Depacketiser } from './depacketiser.ts'

/** What the packets of one time stamp make: a frame, nothing to show, or something that no decoder should see. */
export type Assembly = Omit<MediaFrame, 'timestamp' | 'capturedAtMs'> | 'nothing' | 'broken'

/** How a codec's frames lie in RTP payloads. */
export interface PayloadFormat {
  /** Whether a frame is sure to begin with this payload, whatever came before it. */
  startsFrame(payload: Buffer): boolean
  /** Judges and joins all payloads of one time stamp. */
  assemble(payloads: Buffer[]): Assembly
  /** Sees each payload as it comes, also those of frames that are never whole. */
  observe?(payload: Buffer): void
}

/** No real frame is larger; a stream that pretends one is cut off. */
const largestFrameBytes = 16 * 2 ** 20
const mostPackets = 20_000

/**
 * Collects the packets of each frame of video. A frame is given out when all of its packets were there, and after anything
 * was lost, only from the next key frame on, for no decoder could show what comes between as it was meant.
 */
export function createFrameCollector(format: PayloadFormat): Depacketiser {
  let nextSequence: number | undefined
  let collected: TapPacket[] = []
  let collectedBytes = 0
  /** The time stamp whose packets are passed over, since the first of them may be missing. */
  let skipped: number | undefined
  /** Whether the next packet is known to be the first one of its frame; a stream's own first packet is. */
  let isAtBoundary = true
  let isWaitingForKey = true

  function gap(): void {
    collected = []
    collectedBytes = 0
    skipped = undefined
    isAtBoundary = false
    isWaitingForKey = true
  }

  function finish(): MediaFrame[] {
    const [first] = collected
    if (!first) return []
    const assembly = format.assemble(collected.map(({ payload }) => payload))
    collected = []
    collectedBytes = 0
    if (assembly === 'nothing') return []
    if (assembly === 'broken') {
      isWaitingForKey = true
      return []
    }
    if (isWaitingForKey && !assembly.isKey) return []
    isWaitingForKey = false
    return [{ timestamp: first.timestamp, capturedAtMs: first.capturedAtMs, ...assembly }]
  }

  function collect(packet: TapPacket): void {
    if (collected.length === 0 && !isAtBoundary && !format.startsFrame(packet.payload)) {
      skipped = packet.timestamp
      return
    }
    collected.push(packet)
    collectedBytes += packet.payload.length
    if (collected.length > mostPackets || collectedBytes > largestFrameBytes) {
      gap()
      skipped = packet.timestamp
    }
  }

  return {
    gap,
    push(packet) {
      if (nextSequence !== undefined && packet.sequence !== nextSequence) gap()
      nextSequence = packet.sequence + 1
      // Padding fills a sequence number and belongs to no frame.
      if (packet.payload.length === 0) return []
      format.observe?.(packet.payload)

      const frames: MediaFrame[] = []
      const open = collected[0]?.timestamp ?? skipped
      if (open !== undefined && open !== packet.timestamp) {
        frames.push(...finish())
        skipped = undefined
        isAtBoundary = true
      }
      if (skipped === undefined) collect(packet)
      isAtBoundary = packet.marker
      if (packet.marker) {
        frames.push(...finish())
        skipped = undefined
      }
      return frames
    },
  }
}
