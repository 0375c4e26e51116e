import { expect, test } from 'vitest'
import type { Codec } from './frame.ts'
import { type Decoded, decodeFrames, probePackets } from './testing/ffmpeg.ts'
import { packetsByFfmpeg } from './testing/rtp.ts'
import { depacketise, encodePicture, writeFile } from './testing/tracks.ts'

const offsetMs = 1234

test.each<[string, Codec, string?]>([
  ['vp8', 'vp8'],
  ['vp9', 'vp9'],
  ['h264', 'h264', 'h264_mp4toannexb'],
  ['h264 with B-frames', 'h264', 'h264_mp4toannexb'],
])('every pixel of %s that ffmpeg sent is in the file, at its time', async (encoder, codec, filter) => {
  const original = await encodePicture(encoder)
  const expected = await decodeFrames(original)
  const frames = depacketise(codec, await packetsByFfmpeg(original, filter))
  const file = writeFile(codec, frames, offsetMs)
  const decoded = await decodeFrames(file)
  expect(decoded.map(({ hash }) => hash)).toEqual(expected.map(({ hash }) => hash))
  for (const [index, { timeMs }] of decoded.entries())
    expect(Math.abs(timeMs - offsetMs - times(expected, index))).toBeLessThanOrEqual(1)
  expect((await probePackets(file)).map(({ isKey }) => isKey)).toEqual(frames.map(({ isKey }) => isKey))
})

const times = (frames: Decoded[], index: number) => (frames[index]?.timeMs ?? 0) - (frames[0]?.timeMs ?? 0)
