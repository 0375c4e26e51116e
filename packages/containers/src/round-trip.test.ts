import { expect, test } from 'vitest'
import type { MediaFrame } from './frame.ts'
import type { TapPacket } from './packet.ts'
import { type Decoded, decodeFrames, probePackets } from './testing/ffmpeg.ts'
import { inTurn, loseEvery, withoutSending } from './testing/packets.ts'
import { codecOf, encoders, encodeStream } from './testing/streams.ts'
import { depacketise, writeFile } from './testing/tracks.ts'

const offsetMs = 1234
const hashes = (frames: Decoded[]) => frames.map(({ hash }) => hash)
/** Times from the first frame on. */
const times = (frames: Decoded[]) => frames.map(({ timeMs }) => timeMs - (frames[0]?.timeMs ?? 0))

test.each(encoders)('every pixel of %s is in the file, at its time', async (encoder) => {
  const { file, packets } = await encodeStream(encoder)
  const expected = await decodeFrames(file)
  const frames = depacketise(codecOf(encoder), packets)
  const written = writeFile(codecOf(encoder), frames, offsetMs)
  const decoded = await decodeFrames(written)
  expect(decoded).toHaveLength(50)
  expect(hashes(decoded)).toEqual(hashes(expected))
  expect(Math.abs((decoded[0]?.timeMs ?? 0) - offsetMs)).toBeLessThanOrEqual(1)
  for (const [index, time] of times(decoded).entries())
    expect(Math.abs(time - (times(expected)[index] as number))).toBeLessThanOrEqual(1)
  const probed = await probePackets(written)
  expect(probed.map(({ isKey }) => isKey)).toEqual(frames.map(({ isKey }) => isKey))
})

test.each(encoders)(
  'of %s with packets lost, the frames are left that decode to what they were',
  async (encoder) => {
    const { file, packets } = await encodeStream(encoder, { keyEvery: 5 })
    const original = await decodeFrames(file)
    const timeOf = new Map(original.map(({ hash }, index) => [hash, times(original)[index]]))
    const all = depacketise(codecOf(encoder), packets)
    for (const nth of [3, 17, 41, 97]) {
      const left = loseEvery(nth, packets)
      const frames = depacketise(codecOf(encoder), left)
      expect(frames.map(({ timestamp }) => timestamp)).toEqual(decodable(all, packets, left))
      if (frames.length === 0) continue
      const decoded = await decodeFrames(writeFile(codecOf(encoder), frames))
      expect(decoded).toHaveLength(frames.length)
      for (const { hash, timeMs } of decoded)
        expect(Math.abs(timeMs - (timeOf.get(hash) ?? Number.NaN))).toBeLessThanOrEqual(1)
    }
  },
)

test.each(encoders)('%s that changes its size on the way is told, and stays one file', async (encoder) => {
  const large = await encodeStream(encoder, { size: '320x240', seconds: 1 })
  const small = await encodeStream(encoder, { size: '160x120', seconds: 1 })
  const packets = inTurn(large.packets, small.packets, 90_000)
  const frames = depacketise(codecOf(encoder), packets)
  const sizes = frames.filter(({ isKey }) => isKey).map(({ width, height }) => `${width}x${height}`)
  expect(sizes).toEqual(['320x240', '320x240', '160x120', '160x120'])
  const decoded = await decodeFrames(writeFile(codecOf(encoder), frames))
  const expected = [...(await decodeFrames(large.file)), ...(await decodeFrames(small.file))]
  expect(hashes(decoded)).toEqual(hashes(expected))
})

test('H.264 whose parameter sets were sent once plays from every key frame', async () => {
  const { file, packets } = await encodeStream('h264')
  const isParameterSet = (type = 0) => [7, 8, 24].includes(type & 31)
  const sent = withoutSending(
    ({ payload, timestamp }) => timestamp === 0 || !isParameterSet(payload[0]),
    packets,
  )
  expect(sent.length).toBeLessThan(packets.length)
  const frames = depacketise('h264', sent)
  const second = frames.findIndex(({ isKey }, index) => isKey && index > 0)
  const decoded = await decodeFrames(writeFile('h264', frames.slice(second)))
  expect(hashes(decoded)).toEqual(hashes((await decodeFrames(file)).slice(second)))
})

/** Time stamps of the frames that came whole, from a key frame on without a hole. */
function decodable(frames: MediaFrame[], sent: TapPacket[], left: TapPacket[]): number[] {
  const byFrame = (packets: TapPacket[]) => Map.groupBy(packets, ({ timestamp }) => timestamp)
  const [sentOf, leftOf] = [byFrame(sent), byFrame(left)]
  let isRunning = false
  return frames.flatMap(({ timestamp, isKey }) => {
    const isWhole = sentOf.get(timestamp)?.length === leftOf.get(timestamp)?.length
    isRunning = isWhole && (isRunning || isKey)
    return isRunning ? [timestamp] : []
  })
}
