import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MediaFrame, trackKinds } from '@rtcstack/containers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepWhole } from './whole-part.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'whole-'))
})
afterEach(() => rm(directory, { recursive: true }))

const startMs = 70_000

/** A file of 20 frames from 70 s on, and where each is whole in it, up to which time. */
function fileOf(codec: 'opus' | 'vp8') {
  const appended: Buffer[] = []
  const writer = trackKinds[codec].createWriter((bytes) => appended.push(bytes))
  const frameMs = codec === 'opus' ? 20 : 40
  const ends: { sizeBytes: number; untilMs: number }[] = []
  for (let index = 0; index < 20; index++) {
    const isKey = codec === 'opus' || index % 10 === 0
    const frame: MediaFrame = { timestamp: 0, capturedAtMs: 0, isKey, data: Buffer.alloc(300 + index, 0x78) }
    const picture = { width: 32, height: 24, format: { chroma: '4:2:0', bitDepth: 8 } as const }
    writer.write(codec === 'vp8' && isKey ? { ...frame, ...picture } : frame, startMs + index * frameMs)
    writer.flush()
    const lastsMs = codec === 'vp8' && index === 0 ? 0 : frameMs
    ends.push({ sizeBytes: writer.sizeBytes, untilMs: startMs + index * frameMs + lastsMs })
  }
  return { bytes: Buffer.concat(appended), ends }
}

test.each(['opus', 'vp8'] as const)(
  'cut anywhere, a file of %s is kept up to its last whole frame',
  async (codec) => {
    const { bytes, ends } = fileOf(codec)
    const path = join(directory, `part${trackKinds[codec].extension}`)
    // Every byte of the first frames, and some of the rest.
    for (let size = 0; size <= bytes.length; size += size < 1_500 ? 1 : 97) {
      await writeFile(path, bytes.subarray(0, size))
      const expected = ends.findLast(({ sizeBytes }) => sizeBytes <= size)
      const whole = await keepWhole(path)
      if (!expected) {
        expect(whole).toBeUndefined()
        await expect(stat(path)).rejects.toThrow('ENOENT')
      } else {
        expect(whole?.sizeBytes).toBe(expected.sizeBytes)
        expect(whole?.untilMs).toBeCloseTo(expected.untilMs, 0)
        expect(await readFile(path)).toEqual(bytes.subarray(0, expected.sizeBytes))
      }
    }
  },
)

test('a file that is not there holds nothing', async () => {
  expect(await keepWhole(join(directory, 'none.ogg'))).toBeUndefined()
})
