import type { RtpPacket } from '../rtp/rtp.ts'
import { createUnwrapper } from '../rtp/unwrap.ts'
import { isBlankFrame } from './blank-frame.ts'
import { unpackRed } from './red.ts'
import { createReorderBuffer } from './reorder.ts'
import { chooseRequests, isOverdue } from './repair.ts'

/** What the payload of a packet is. */
export interface PayloadFormat {
  /** video/VP8, audio/opus …; of redundant audio, what it holds. */
  mimeType: string
  clockRate: number
  isRed: boolean
}

export interface OrderedPacket {
  /** 32 bits. */
  timestamp: number
  marker: boolean
  payload: Buffer
  format: PayloadFormat
  arrivedAtMs: number
}

/** The packets of one SSRC, put into order. */
export interface OrderedStream {
  receive(packet: RtpPacket, format: PayloadFormat, arrivedAtMs: number): void
  /** Delivers what is due, gives up what is overdue, and returns the sequence numbers to ask for again. */
  tick(nowMs: number): number[]
  /** Whether ticks are needed. */
  readonly isWaiting: boolean
  /** Delivers what is held, with what is missing given up. */
  flush(): void
}

export interface OrderedStreamOutput {
  packet(packet: OrderedPacket): void
  /** That many packets in a row will not come. */
  lost(count: number): void
  /** A packet that was there already, or came too late. */
  superfluous(): void
}

/** Packets overtake each other at the start too: the first is the lowest that comes within this time. */
const startAfterMs = 50
const mostHeld = 4_096
/** That many too late, and none in time, mean that the numbers have started anew. */
const lateMeansAnew = 100

export function createOrderedStream(output: OrderedStreamOutput): OrderedStream {
  let reorder = createReorderBuffer<OrderedPacket | 'filler'>()
  let unwrap = createUnwrapper(16)
  let startAtMs: number | undefined
  let lateInARow = 0

  const deliver = () => {
    for (const [, item] of reorder.take()) if (item !== 'filler') output.packet(item)
  }
  const giveUp = () => {
    const range = reorder.giveUp()
    if (range) output.lost(range.to - range.from + 1)
    deliver()
  }
  const start = (nowMs: number) => {
    reorder.start(nowMs)
    deliver()
  }
  const flush = () => {
    if (!reorder.isStarted) start(0)
    while (reorder.heldCount > 0) giveUp()
  }
  const startAnew = () => {
    flush()
    output.lost(1)
    reorder = createReorderBuffer()
    unwrap = createUnwrapper(16)
    startAtMs = undefined
    lateInARow = 0
  }

  return {
    receive: (packet, format, arrivedAtMs) => {
      if (lateInARow >= lateMeansAnew) startAnew()
      if (!reorder.isStarted && reorder.heldCount >= mostHeld) return
      startAtMs ??= arrivedAtMs + startAfterMs
      const { timestamp, marker } = packet
      const sequence = unwrap(packet.sequenceNumber)
      const red = format.isRed ? unpackRed(packet.payload) : undefined
      const payload = red?.primary ?? packet.payload
      const isFiller = payload.length === 0 || isBlankFrame(payload, format.mimeType)
      const isNew = reorder.add(
        sequence,
        isFiller ? 'filler' : { timestamp, marker, payload, format, arrivedAtMs },
        arrivedAtMs,
      )
      for (const copy of red?.copies ?? []) {
        const earlier = (timestamp - copy.earlierBy) >>> 0
        const item = { timestamp: earlier, marker: false, payload: copy.payload, format, arrivedAtMs }
        if (reorder.isMissing(sequence - copy.distance))
          reorder.add(sequence - copy.distance, item, arrivedAtMs)
      }
      if (!isNew) output.superfluous()
      lateInARow = isNew ? 0 : lateInARow + 1
      while (reorder.isStarted && reorder.heldCount > mostHeld) giveUp()
      deliver()
    },
    tick: (nowMs) => {
      if (!reorder.isStarted && startAtMs !== undefined && nowMs >= startAtMs) start(nowMs)
      while (isOverdue(reorder.missing(), nowMs)) giveUp()
      return chooseRequests(reorder.missing(), nowMs).map((sequence) => sequence & 0xffff)
    },
    get isWaiting() {
      return reorder.missingCount > 0 || (startAtMs !== undefined && !reorder.isStarted)
    },
    flush,
  }
}
