import { expect, test } from 'vitest'
import type { Chroma, MediaFrame } from '../frame.ts'
import { decodeFrames, probePackets } from '../testing/ffmpeg.ts'
import { encodeStream } from '../testing/streams.ts'
import { depacketise } from '../testing/tracks.ts'
import { createMatroskaWriter } from './writer.ts'

const clusterId = Buffer.from([0x1f, 0x43, 0xb6, 0x75])

function startFile() {
  const parts: Buffer[] = []
  const writer = createMatroskaWriter({ codec: 'vp8', append: (bytes) => parts.push(bytes) })
  return { writer, file: () => Buffer.concat(parts) }
}

const delta: MediaFrame = { timestamp: 0, capturedAtMs: 0, isKey: false, data: Buffer.from([1, 2, 3, 4]) }
const key = (chroma: Chroma = '4:2:0', width = 320): MediaFrame => ({
  ...delta,
  isKey: true,
  width,
  height: 240,
  format: { chroma, bitDepth: 8 },
})

test('a file begins with a key frame', async () => {
  const { writer, file } = startFile()
  expect(writer.write(delta, 0)).toBe('skipped')
  expect(file()).toHaveLength(0)
  expect(writer.write(key(), 40)).toBe('written')
  expect(writer.write(delta, 80)).toBe('written')
  const times = (await probePackets(file())).map(({ timeMs }) => timeMs)
  expect(times).toEqual([40, 80])
})

test('a cluster is never longer than a second, and a key frame begins one', () => {
  const { writer, file } = startFile()
  writer.write(key(), 0)
  const clusters = () => file().toString('latin1').split(clusterId.toString('latin1')).length - 1
  for (let timeMs = 40; timeMs < 3000; timeMs += 40) writer.write(delta, timeMs)
  expect(clusters()).toBe(3)
  writer.write(key(), 3010)
  expect(clusters()).toBe(4)
})

test('the header and what follows from any key frame on is a file as well', async () => {
  const { file: original, packets } = await encodeStream('vp8', { keyEvery: 10 })
  const { writer, file } = startFile()
  const places: number[] = []
  for (const frame of depacketise('vp8', packets)) {
    if (frame.isKey) places.push(writer.sizeBytes)
    writer.write(frame, frame.timestamp / 90)
  }
  const whole = await decodeFrames(original)
  const header = file().subarray(0, file().indexOf(clusterId))
  for (const [index, place] of places.entries()) {
    if (index === 0) continue
    const decoded = await decodeFrames(Buffer.concat([header, file().subarray(place)]))
    expect(decoded.map(({ hash }) => hash)).toEqual(whole.slice(index * 10).map(({ hash }) => hash))
    expect(decoded[0]?.timeMs).toBeCloseTo(index * 400, 0)
  }
})

test('another size stays in the file, and another chroma asks for a new one', () => {
  const { writer, file } = startFile()
  writer.write(key(), 0)
  expect(writer.write(key('4:2:0', 640), 40)).toBe('written')
  const before = file().length
  expect(writer.write(key('4:4:4'), 80)).toBe('incompatible')
  expect(file()).toHaveLength(before)
})

test('frames in decoding order keep their times, also where those go back', async () => {
  const { writer, file } = startFile()
  for (const [frame, timeMs] of [
    [key(), 0],
    [delta, 120],
    [delta, 40],
    [delta, 80],
  ] as const)
    writer.write(frame, timeMs)
  expect((await probePackets(file())).map(({ timeMs }) => timeMs)).toEqual([0, 120, 40, 80])
})

test('frames within one millisecond, as where a call switches layers, have different times', async () => {
  const { writer, file } = startFile()
  writer.write(key(), 0)
  writer.write(delta, 40)
  writer.write(key('4:2:0', 640), 40.02)
  writer.write(delta, 80)
  expect((await probePackets(file())).map(({ timeMs }) => timeMs)).toEqual([0, 40, 41, 80])
})

test('after the end nothing is written', () => {
  const { writer, file } = startFile()
  writer.write(key(), 0)
  writer.close()
  const before = file().length
  expect(writer.write(delta, 40)).toBe('skipped')
  expect([file().length, writer.sizeBytes]).toEqual([before, before])
})
