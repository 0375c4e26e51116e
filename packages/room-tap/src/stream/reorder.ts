/** One of the packets that are missing. */
export interface MissingPacket {
  sequence: number
  /** When its absence was noticed. */
  sinceMs: number
  /** When it was asked for last; when its absence was noticed, if never. */
  askedAtMs: number
  asked: number
}

export interface ReorderBuffer<Item> {
  /** Takes a packet, once; false for what came before or comes too late. */
  add(sequence: number, item: Item, nowMs: number): boolean
  /** Settles what the first packet is: the lowest that has come. Before this nothing is taken out or missing. */
  start(nowMs: number): void
  readonly isStarted: boolean
  /** Takes out, in order, what has nothing missing before it. */
  take(): Iterable<[sequence: number, item: Item]>
  /** What is missing, the oldest first. */
  missing(): Iterable<MissingPacket>
  readonly missingCount: number
  isMissing(sequence: number): boolean
  /** How many packets wait for one before them. */
  readonly heldCount: number
  /** Gives up what is missing first, up to the next packet that is there; both ends of it. */
  giveUp(): { from: number; to: number } | undefined
}

/** Puts numbered packets into their order, and knows what is missing among them. */
export function createReorderBuffer<Item>(): ReorderBuffer<Item> {
  const held = new Map<number, Item>()
  // In the order of their numbers, as holes are only ever found at the end.
  const missing = new Map<number, MissingPacket>()
  let next: number | undefined
  let end = 0

  const extendTo = (sequence: number, nowMs: number) => {
    for (; end <= sequence; end++)
      if (!held.has(end)) missing.set(end, { sequence: end, sinceMs: nowMs, askedAtMs: nowMs, asked: 0 })
  }
  return {
    add: (sequence, item, nowMs) => {
      if (held.has(sequence) || (next !== undefined && sequence < next)) return false
      held.set(sequence, item)
      missing.delete(sequence)
      if (next !== undefined) extendTo(sequence, nowMs)
      return true
    },
    start: (nowMs) => {
      if (next !== undefined || held.size === 0) return
      const numbers = [...held.keys()]
      next = end = Math.min(...numbers)
      extendTo(Math.max(...numbers), nowMs)
    },
    get isStarted() {
      return next !== undefined
    },
    *take() {
      while (next !== undefined) {
        const item = held.get(next)
        if (item === undefined) return
        held.delete(next)
        yield [next++, item]
      }
    },
    missing: () => missing.values(),
    get missingCount() {
      return missing.size
    },
    isMissing: (sequence) => missing.has(sequence),
    get heldCount() {
      return held.size
    },
    giveUp: () => {
      if (next === undefined || !missing.has(next)) return undefined
      const from = next
      while (missing.delete(next)) next++
      return { from, to: next - 1 }
    },
  }
}
