import { expect, test } from 'vitest'
import { createSenderClock, ntpOf } from './sender-clock.ts'

test('media has the time of what came with the least delay', () => {
  const clock = createSenderClock()
  clock.observe(1_000, 50_000)
  clock.observe(1_020, 49_990)
  clock.observe(1_040, 50_300)
  expect(clock.wallMsOf(1_040)).toBe(50_010)
})

test("the encoder's clock is followed as it drifts", () => {
  const clock = createSenderClock()
  for (let second = 0; second < 600; second++) clock.observe(second * 1000 - second, second * 1000)
  const driftMs = clock.wallMsOf(599 * 1000 - 599) - 599 * 1000
  expect(Math.abs(driftMs)).toBeLessThan(25)
})

test('NTP has the fraction of a second in 32 bits', () => {
  expect(ntpOf(0)).toBe(2_208_988_800n << 32n)
  expect(ntpOf(1_500) & 0xffffffffn).toBe(0x80000000n)
  expect(ntpOf(999) & 0xffffffffn).toBe(BigInt(Math.floor(0.999 * 2 ** 32)))
})
