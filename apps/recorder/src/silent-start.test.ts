import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { awaitSilentStart } from './silent-start.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** When it starts, in milliseconds from the first of some connections; undefined for never. */
function startOf(options: { expectsMedia: boolean; connectedAtMs: number[]; cancelledAtMs?: number }) {
  let startedAtMs: number | undefined
  let nowMs = 0
  const silence = awaitSilentStart({
    expectsMedia: () => options.expectsMedia,
    start: () => {
      expect(startedAtMs).toBeUndefined()
      startedAtMs = nowMs
    },
  })
  for (; nowMs <= 10_000; nowMs++) {
    if (options.connectedAtMs.includes(nowMs)) silence.connected()
    if (options.cancelledAtMs === nowMs) silence.cancel()
    vi.advanceTimersByTime(1)
  }
  return startedAtMs
}

test('where no media is to come a recording starts within 300 ms, and once', () => {
  expect(startOf({ expectsMedia: false, connectedAtMs: [0, 50, 5_000] })).toBeLessThanOrEqual(300)
})

test('media that is to come is waited for, but no more than 3 s, whatever connects anew', () => {
  const startedAtMs = startOf({ expectsMedia: true, connectedAtMs: [0, 1_000, 2_500] })
  expect(startedAtMs).toBeGreaterThan(2_900)
  expect(startedAtMs).toBeLessThanOrEqual(3_000)
})

test('what media has started, or has ended, is not started again', () => {
  expect(startOf({ expectsMedia: true, connectedAtMs: [0, 4_000], cancelledAtMs: 1_000 })).toBeUndefined()
  expect(startOf({ expectsMedia: false, connectedAtMs: [0], cancelledAtMs: 100 })).toBeUndefined()
})

test('nothing starts before the recorder is in the room', () => {
  expect(startOf({ expectsMedia: false, connectedAtMs: [] })).toBeUndefined()
})
