import { expect, test } from 'vitest'
import type { MediaFrame } from './frame.ts'
import { type ProbedPacket, probePackets } from './testing/ffmpeg.ts'
import { encodeStream, encodeTone } from './testing/streams.ts'
import { clockRates, depacketise } from './testing/tracks.ts'
import { trackKinds } from './tracks.ts'

const seconds = 3600

/** A file of one second's frames, repeated for an hour; its time stamps begin before 2^31 and end behind it. */
function writeHour(codec: 'vp8' | 'opus', second: MediaFrame[], startMs: number) {
  const parts: Buffer[] = []
  const writer = trackKinds[codec].createWriter((bytes) => parts.push(bytes))
  const rate = clockRates[codec]
  const base = 2 ** 31 - 60 * rate
  const expected: number[] = []
  for (let repeat = 0; repeat < seconds; repeat++)
    for (const frame of second) {
      const timestamp = base + frame.timestamp + repeat * rate
      const timeMs = startMs + ((timestamp - base) * 1000) / rate
      expected.push(timeMs)
      writer.write({ ...frame, timestamp }, timeMs)
    }
  writer.close()
  return { file: Buffer.concat(parts), expected }
}

function largestError(probed: ProbedPacket[], expected: number[]): number {
  expect(probed).toHaveLength(expected.length)
  return probed.reduce((largest, { timeMs }, index) => {
    return Math.max(largest, Math.abs(timeMs - (expected[index] as number)))
  }, 0)
}

test('an hour of video stands where it was captured, to the last frame', async () => {
  const { packets } = await encodeStream('vp8', { size: '64x48', seconds: 1, keyEvery: 25 })
  const { file, expected } = writeHour('vp8', depacketise('vp8', packets), 0)
  expect(largestError(await probePackets(file), expected)).toBeLessThanOrEqual(0.5)
}, 60_000)

test('an hour of sound late in a long recording stands where it was captured, to the last packet', async () => {
  const { packets } = await encodeTone({ seconds: 1 })
  // Granule positions pass 2^31 within this hour.
  const startMs = (2 ** 31 / 48_000 - 1800) * 1000
  const { file, expected } = writeHour('opus', depacketise('opus', packets.slice(0, 50)), startMs)
  const heard = expected.map((timeMs) => timeMs - 6.5)
  expect(largestError(await probePackets(file), heard)).toBeLessThanOrEqual(0.1)
}, 60_000)
