import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Codec } from './frame.ts'
import type { TapPacket } from './packet.ts'
import { ffmpegWithErrors, hashes, parseHashes } from './testing/ffmpeg.ts'
import { readPages } from './testing/ogg.ts'
import { encodeStream, encodeTone } from './testing/streams.ts'
import { clockRates, depacketise } from './testing/tracks.ts'
import { trackKinds } from './tracks.ts'

const places = 200
const filesAtOnce = 25

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truncation-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A hash of each frame that ffmpeg decodes of each file; one run for them all, which must not give up. */
async function decodeAll(files: Buffer[]): Promise<string[][]> {
  const name = (kind: string, index: number) => join(folder, `${kind}-${index}`)
  await Promise.all(files.map((file, index) => writeFile(name('in', index), file)))
  const inputs = files.flatMap((_, index) => ['-i', name('in', index)])
  const outputs = files.flatMap((_, index) => [
    ...['-map', String(index), '-vsync', 'passthrough'],
    ...[...hashes.slice(0, -1), name('out', index)],
  ])
  const { code, errors } = await ffmpegWithErrors(['-y', ...inputs, ...outputs], Buffer.alloc(0))
  expect(code, errors).toBe(0)
  const texts = await Promise.all(files.map((_, index) => readFile(name('out', index))))
  return texts.map((text) => parseHashes(text).map(({ hash }) => hash))
}

/** A file, and how long it is once each frame is in it for good. */
function write(codec: Codec, packets: TapPacket[]) {
  const parts: Buffer[] = []
  const ends: number[] = []
  const writer = trackKinds[codec].createWriter((bytes) => parts.push(bytes))
  for (const frame of depacketise(codec, packets)) {
    writer.write(frame, (frame.timestamp * 1000) / clockRates[codec])
    ends.push(writer.sizeBytes)
  }
  writer.close()
  const file = Buffer.concat(parts)
  return { file, ends: codec === 'opus' ? endsOfPages(file) : ends }
}

/** For each packet, where the page ends that it is in. */
function endsOfPages(file: Buffer): number[] {
  const pages = readPages(file)
  return pages
    .slice(2)
    .flatMap(({ packets }, index) => packets.map(() => pages[index + 3]?.at ?? file.length))
}

test.each<[Codec, () => Promise<{ packets: TapPacket[] }>]>([
  ['vp8', () => encodeStream('vp8', { size: '160x96' })],
  ['vp9', () => encodeStream('vp9', { size: '160x96' })],
  ['h264', () => encodeStream('h264', { size: '160x96' })],
  ['av1', () => encodeStream('av1', { size: '160x96' })],
  ['opus', () => encodeTone({ seconds: 8 })],
])(
  'a file of %s that ends anywhere plays all that was whole before',
  async (codec, encode) => {
    const { file, ends } = write(codec, (await encode()).packets)
    const [whole = []] = await decodeAll([file])
    const first = ends[0] as number
    const lengths = Array.from(
      { length: places },
      () => first + Math.floor(Math.random() * (file.length - first)),
    )
    for (let at = 0; at < places; at += filesAtOnce) {
      const batch = lengths.slice(at, at + filesAtOnce)
      const decoded = await decodeAll(batch.map((length) => file.subarray(0, length)))
      for (const [index, length] of batch.entries()) {
        const expected = whole.slice(0, ends.filter((end) => end <= length).length)
        expect(decoded[index]?.slice(0, expected.length), `cut at ${length}`).toEqual(expected)
      }
    }
  },
  120_000,
)
