import { eventually } from '@rtcstack/testkit'
import { expect, test } from 'vitest'
import { isBrief } from './testing/at-length.ts'
import { aac, h264, startEncoder } from './testing/encoder.ts'
import { flashInput, offsetsOf, perceive } from './testing/flashes.ts'
import { setStage } from './testing/stage.ts'

test.skipIf(isBrief).each([
  ['copied', 0],
  ['encoded anew', 2],
])(
  'a flash that is %s and its beep reach a receiver within 60 ms of each other',
  { timeout: 60_000 },
  async (_way, bFrames) => {
    await using stage = await setStage()
    const perceived = perceive(await stage.join())
    await using _encoder = startEncoder(
      [...flashInput, ...h264({ keyFrames: 60, bFrames }), ...aac],
      stage.url,
    )
    await eventually(() => expect(offsetsOf(perceived).length).toBeGreaterThan(12), { timeoutMs: 30_000 })
    const offsets = offsetsOf(perceived).map(Math.round)
    process.stdout.write(`beeps after flashes: ${offsets.join(' ')} ms\n`)
    const middle = offsets.sort((one, other) => one - other)[Math.floor(offsets.length / 2)]
    expect(Math.abs(middle ?? Number.NaN)).toBeLessThanOrEqual(60)
  },
)
