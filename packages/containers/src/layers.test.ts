import { expect, test } from 'vitest'
import { decodeFrames } from './testing/ffmpeg.ts'
import { readIvf, writeIvf } from './testing/ivf.ts'
import { readLayered, vp9Layers } from './testing/layers.ts'
import { av1Payloads, packetsOf, vp9Payloads } from './testing/packetise.ts'
import { depacketise, writeFile } from './testing/tracks.ts'

const hashes = (frames: { hash: string }[]) => frames.map(({ hash }) => hash)
const sizes = [
  [48, 24],
  [96, 48],
  [192, 96],
] as const

// A decoder of calls shows the top layer of a superframe; a file's decoder has to come to the same.
test.each(['flexible', 'non-flexible'])(
  'of the spatial layers of VP9 in %s mode, every decoder shows the top one',
  async (mode) => {
    const original = readLayered('vp9')
    const expected = hashes(await decodeFrames(original, 'libvpx-vp9'))
    const pictures = vp9Layers(original).map((layers, index) =>
      vp9Payloads(layers, mode === 'flexible', index === 0),
    )
    const frames = depacketise('vp9', packetsOf(pictures))
    expect(frames[0]).toMatchObject({ isKey: true, width: 192, height: 96 })
    const file = writeFile('vp9', frames)
    for (const decoder of ['libvpx-vp9', 'vp9'])
      expect(hashes(await decodeFrames(file, decoder))).toEqual(expected)
  },
)

test.each([0, 1])('VP9 whose layers over %i are not forwarded is what is left', async (highest) => {
  const pictures = vp9Layers(readLayered('vp9')).map((layers, index) =>
    vp9Payloads(layers.slice(0, highest + 1), true, index === 0),
  )
  const frames = depacketise('vp9', packetsOf(pictures))
  const [width, height] = sizes[highest] as [number, number]
  expect(frames[0]).toMatchObject({ width, height })
  const decoded = await decodeFrames(writeFile('vp9', frames))
  expect(decoded).toHaveLength(pictures.length)
  expect(new Set(decoded.map(({ bytes }) => bytes))).toEqual(new Set([width * height * 1.5]))
})

test('VP9 says a change of size also where a layer comes or goes between key frames', () => {
  const pictures = vp9Layers(readLayered('vp9')).map((layers, index) =>
    vp9Payloads(index === 5 ? layers.slice(0, 2) : layers, true, index === 0),
  )
  const frames = depacketise('vp9', packetsOf(pictures))
  expect(frames.slice(4, 7).map(({ width, isKey }) => [width, isKey])).toEqual([
    [192, false],
    [96, false],
    [192, false],
  ])
})

test.each([0, 1, 2])('of AV1 forwarded up to layer %i, every decoder shows each picture', async (highest) => {
  const units = readIvf(readLayered('av1'))
  const pictures = units.map((unit, index) => av1Payloads(unit, index === 0, highest))
  const file = writeFile('av1', depacketise('av1', packetsOf(pictures)))
  const [width, height] = sizes[highest] as [number, number]
  const decoded = await decodeFrames(file, 'libdav1d')
  expect(decoded).toHaveLength(units.length)
  expect(new Set(decoded.map(({ bytes }) => bytes))).toEqual(new Set([width * height * 1.5]))
  expect(hashes(await decodeFrames(file, 'libaom-av1'))).toEqual(hashes(decoded))
  if (highest === 2) expect(hashes(await decodeFrames(writeIvf('AV01', units)))).toEqual(hashes(decoded))
})
