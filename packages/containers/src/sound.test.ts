import { expect, test } from 'vitest'
import { decodeSound, probePackets } from './testing/ffmpeg.ts'
import { inTurn, withoutSending } from './testing/packets.ts'
import { encodeTone } from './testing/streams.ts'
import { depacketise, writeFile } from './testing/tracks.ts'

const samplesPerMs = 48

/** Loudness of a piece of sound, as the root of its mean square. */
function loudness(sound: Int16Array, fromMs: number, toMs: number): number {
  const piece = sound.subarray(fromMs * samplesPerMs, toMs * samplesPerMs)
  return Math.sqrt(piece.reduce((sum, sample) => sum + sample * sample, 0) / piece.length)
}

test.each([1, 2])('every sample of Opus with %i channels is in the file, at its place', async (channels) => {
  const { file, packets } = await encodeTone({ channels })
  const offsetMs = 1234
  const written = writeFile('opus', depacketise('opus', packets), offsetMs)
  for (const decoder of ['libopus', 'opus']) {
    const original = await decodeSound(file, channels, decoder)
    const decoded = await decodeSound(written, channels, decoder)
    const start = offsetMs * samplesPerMs * channels
    expect(decoded.subarray(0, start).every((sample) => sample === 0)).toBe(true)
    const piece = decoded.subarray(start, start + original.length)
    expect(piece.findIndex((sample, index) => sample !== original[index])).toBe(-1)
    expect(piece).toHaveLength(original.length)
  }
})

test('also a file that is shorter than a page has its sound at its place', async () => {
  const { packets } = await encodeTone({ seconds: 0.3 })
  const decoded = await decodeSound(writeFile('opus', depacketise('opus', packets), 4000))
  expect(loudness(decoded, 0, 4000)).toBe(0)
  expect(loudness(decoded, 4050, 4250)).toBeGreaterThan(1000)
})

test('the sound of a gap fades into silence, and what follows stands where it was', async () => {
  const first = await encodeTone({ seconds: 1 })
  const second = await encodeTone({ seconds: 1 })
  const packets = inTurn(first.packets, second.packets, 5000 * samplesPerMs)
  const decoded = await decodeSound(writeFile('opus', depacketise('opus', packets)))
  const full = loudness(decoded, 200, 900)
  expect(full).toBeGreaterThan(1000)
  expect(loudness(decoded, 1200, 4990)).toBe(0)
  expect(loudness(decoded, 5050, 5950) / full).toBeCloseTo(1, 1)
  const original = await decodeSound(second.file)
  // A decoder that was silent needs a moment until it agrees with one that starts.
  const settledMs = 200
  for (let ms = settledMs; ms < 900; ms++) {
    const sample = ms * samplesPerMs
    expect(Math.abs((decoded[5000 * samplesPerMs + sample] ?? 0) - (original[sample] ?? 0))).toBeLessThan(100)
  }
})

test('packets lost for 60 ms are concealed', async () => {
  const { packets } = await encodeTone()
  const left = packets.filter((_, index) => index < 50 || index >= 53)
  const decoded = await decodeSound(writeFile('opus', depacketise('opus', left)))
  expect(loudness(decoded, 1000, 1060) / loudness(decoded, 500, 900)).toBeGreaterThan(0.5)
  expect(decoded.length).toBe(packets.length * 20 * samplesPerMs - 312)
})

test('silence that is not sent (DTX) takes its time', async () => {
  const { packets } = await encodeTone()
  const sent = withoutSending(({ timestamp }) => timestamp < 48_000 || timestamp % 19_200 === 0, packets)
  const probed = await probePackets(writeFile('opus', depacketise('opus', sent)))
  expect(probed.at(-1)?.timeMs).toBeCloseTo((sent.at(-1)?.timestamp ?? 0) / samplesPerMs - 6.5, 0)
  expect(probed).toHaveLength(Math.round((sent.at(-1)?.timestamp ?? 0) / 960) + 1)
})

test('sound that is cut into files goes on over their border as if there were none', async () => {
  const { packets } = await encodeTone({ seconds: 2 })
  const frames = depacketise('opus', packets)
  const cutAt = 50
  const whole = await decodeSound(writeFile('opus', frames))
  const first = await decodeSound(writeFile('opus', frames.slice(0, cutAt)))
  const preRoll = frames.slice(0, cutAt).map(({ data }) => data)
  const second = await decodeSound(writeFile('opus', frames.slice(cutAt), 0, preRoll))
  // Each file's sound stands at its place, and the first one ends where the second begins.
  const border = first.length
  expect(second.subarray(0, border).every((sample) => sample === 0)).toBe(true)
  expect(second.length).toBe(whole.length)
  for (let at = border; at < whole.length; at++)
    expect(Math.abs((second[at] ?? 0) - (whole[at] ?? 0))).toBeLessThan(100)
})
