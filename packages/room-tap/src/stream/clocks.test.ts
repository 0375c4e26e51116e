import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSenderClock } from './sender-clock.ts'
import { createTrackClock } from './track-clock.ts'

interface World {
  /** The sender's clock against ours, in ms, and how much faster it runs. */
  offsetMs: number
  drift: number
  /** How much faster the sender's microphone counts than its clock. */
  microphoneDrift: number
  /** The fastest way to us, what the network adds at most, and what making a packet takes for sound and picture. */
  leastTransitMs: number
  jitterMs: number
  encodingMs: { audio: number; video: number }
  /** How far a report is off, at most. */
  reportErrorMs: number
}

const worlds: fc.Arbitrary<World> = fc.record({
  offsetMs: fc.integer({ min: -1e9, max: 1e9 }),
  drift: fc.double({ min: -100e-6, max: 100e-6, noNaN: true }),
  microphoneDrift: fc.double({ min: -200e-6, max: 200e-6, noNaN: true }),
  leastTransitMs: fc.integer({ min: 1, max: 100 }),
  jitterMs: fc.integer({ min: 0, max: 60 }),
  encodingMs: fc.record({ audio: fc.integer({ min: 0, max: 30 }), video: fc.integer({ min: 0, max: 80 }) }),
  reportErrorMs: fc.integer({ min: 0, max: 5 }),
})

/** Runs two tracks of one sender, and calls back with how far off each packet's time of capture was. */
function run(
  world: World,
  options: { seconds: number; seed: number; stepAtMs?: number; stepMs?: number },
  check: (kind: 'audio' | 'video', atMs: number, errorMs: number) => void,
): void {
  let seed = options.seed
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const startMs = 1_700_000_000_000
  const sender = createSenderClock()
  const tracks = {
    audio: { rate: 48_000, everyMs: 20, start: 12_345 },
    video: { rate: 90_000, everyMs: 66, start: 987_654 },
  }
  const clocks = {
    audio: createTrackClock({ clockRate: 48_000, sender, transitMs: 0 }),
    video: createTrackClock({ clockRate: 90_000, sender, transitMs: 0 }),
  }
  const senderClock = (ms: number) => {
    const stepMs = options.stepAtMs !== undefined && ms >= options.stepAtMs ? (options.stepMs ?? 0) : 0
    return startMs + ms + world.offsetMs + ms * world.drift + stepMs
  }
  // Time stamps count on when the clock is set.
  const stamp = (kind: 'audio' | 'video', ms: number) => {
    const faster = world.drift + (kind === 'audio' ? world.microphoneDrift : 0)
    return tracks[kind].start + (tracks[kind].rate * ms * (1 + faster)) / 1_000
  }
  for (let ms = 0; ms < 1_000 * options.seconds; ms++) {
    for (const kind of ['audio', 'video'] as const) {
      const { everyMs } = tracks[kind]
      if (ms % everyMs === 0) {
        const transitMs = world.leastTransitMs + world.encodingMs[kind] + random() * world.jitterMs
        const captured = clocks[kind].capturedAtMs(stamp(kind, ms), startMs + ms + transitMs)
        check(kind, ms, captured - (startMs + ms))
      }
      // Audio and video report at different times.
      if (ms % 3_000 === (kind === 'audio' ? 700 : 1_900))
        clocks[kind].report({
          timestamp: stamp(kind, ms),
          senderMs: senderClock(ms) + (random() - 0.5) * 2 * world.reportErrorMs,
        })
    }
  }
}

test('sound and picture of one sender agree within 10 ms, whatever its clock, its drift and the network', () => {
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: 1e9 }), (world, seed) => {
      const latest = { audio: 0, video: 0 }
      run(world, { seconds: 120, seed }, (kind, atMs, errorMs) => {
        latest[kind] = errorMs
        if (atMs > 20_000) expect(Math.abs(latest.audio - latest.video)).toBeLessThan(10)
      })
    }),
    { numRuns: 30 },
  )
})

test('a time of capture is later than the truth by what the fastest packet needed, to within 20 ms', () => {
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: 1e9 }), (world, seed) => {
      const fastestMs = world.leastTransitMs + Math.min(world.encodingMs.audio, world.encodingMs.video)
      run(world, { seconds: 90, seed }, (_, atMs, errorMs) => {
        if (atMs < 20_000) return
        expect(errorMs).toBeGreaterThan(fastestMs - 20)
        expect(errorMs).toBeLessThan(fastestMs + 20)
      })
    }),
    { numRuns: 20 },
  )
})

test('a clock that runs fast or slow is followed for as long as the call lasts', () => {
  for (const drift of [-100e-6, 100e-6]) {
    const sender = createSenderClock()
    for (let ms = 0; ms < 1_200_000; ms += 20) {
      const senderMs = ms * (1 + drift)
      sender.observe(senderMs, ms + 30)
      expect(Math.abs(sender.toLocalMs(senderMs) - ms - 30)).toBeLessThan(10)
    }
  }
})

test('a sender whose clock is set goes on without a jump, and its sound and picture stay together', () => {
  const world: World = {
    offsetMs: 5e6,
    drift: 50e-6,
    microphoneDrift: 0,
    leastTransitMs: 20,
    jitterMs: 10,
    encodingMs: { audio: 5, video: 30 },
    reportErrorMs: 5,
  }
  for (const stepMs of [-3_600_000, -700, 900, 60_000]) {
    const latest = { audio: 0, video: 0 }
    run(world, { seconds: 120, seed: 4, stepAtMs: 40_000, stepMs }, (kind, atMs, errorMs) => {
      latest[kind] = errorMs
      if (atMs < 20_000) return
      expect(errorMs).toBeGreaterThan(10)
      expect(errorMs).toBeLessThan(45)
      expect(Math.abs(latest.audio - latest.video)).toBeLessThan(10)
    })
  }
})

test('a sender that slept goes on at the time it woke', () => {
  const sender = createSenderClock()
  const clock = createTrackClock({ clockRate: 48_000, sender, transitMs: 0 })
  const sleptMs = 30_000
  for (let ms = 0; ms < 60_000; ms += 20) {
    const awakeMs = ms < 30_000 ? ms : ms + sleptMs
    const captured = clock.capturedAtMs(48 * ms, awakeMs + 25)
    if (ms % 3_000 === 0) clock.report({ timestamp: 48 * ms, senderMs: 1e6 + awakeMs })
    if (ms > 33_000) expect(Math.abs(captured - awakeMs)).toBeLessThan(30)
  }
})

test('when we stand still for some seconds, what is heard late then is not taken for a slower way', () => {
  const sender = createSenderClock()
  for (let ms = 0; ms < 120_000; ms += 20) {
    // Whatever part of the measuring it hits.
    const stalledMs = [29_000, 60_500, 90_000].some((from) => ms >= from && ms < from + 3_000)
      ? 3_000 - (ms % 3_000)
      : 0
    sender.observe(1e6 + ms, ms + 25 + stalledMs)
    expect(sender.toLocalMs(1e6 + ms) - ms).toBeGreaterThan(20)
    expect(sender.toLocalMs(1e6 + ms) - ms).toBeLessThan(30)
  }
})

test('before the first report the fastest packet so far tells the time; a later stream knows what the way took', () => {
  const first = createTrackClock({ clockRate: 48_000, sender: createSenderClock(), transitMs: 0 })
  expect(first.capturedAtMs(0, 1_040)).toBe(1_040)
  expect(first.capturedAtMs(960, 1_030)).toBe(1_030)
  expect(first.capturedAtMs(1_920, 1_090)).toBe(1_050)
  const second = createTrackClock({ clockRate: 48_000, sender: createSenderClock(), transitMs: 25 })
  expect(second.capturedAtMs(0, 5_040)).toBe(5_015)
})
