import type { TimelineSpan } from '@rtcstack/contract'

/** Begins a span unless one goes on. */
export function begin(spans: TimelineSpan[], atMs: number): void {
  if (spans.at(-1)?.untilMs !== null || spans.length === 0) spans.push({ fromMs: atMs, untilMs: null })
}

/** Ends the span that goes on, if any. */
export function end(spans: TimelineSpan[], atMs: number): void {
  const last = spans.at(-1)
  if (last?.untilMs === null) last.untilMs = Math.max(last.fromMs, atMs)
}

/** Whether it is more than a moment. */
export const lasts = ({ fromMs, untilMs }: TimelineSpan) => untilMs === null || untilMs > fromMs

/** The same in order, each ending where the next one begins at the latest. */
export function withoutOverlap<T extends TimelineSpan>(spans: T[]): T[] {
  const inOrder = spans.toSorted((a, b) => a.fromMs - b.fromMs)
  return inOrder.map((span, index) => {
    const nextMs = inOrder[index + 1]?.fromMs
    const overlaps = nextMs !== undefined && span.untilMs !== null && span.untilMs > nextMs
    return overlaps ? { ...span, untilMs: nextMs } : span
  })
}
