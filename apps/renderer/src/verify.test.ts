import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ffmpeg, tone } from './testing/media.ts'
import { verify } from './verify.ts'

const { signal } = new AbortController()
const promised = { durationMs: 2_000, frames: 50, fps: 25 }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-join-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function fileOf(
  name: string,
  { profile = 'high', soundSeconds = 2, seconds = 2 } = {},
): Promise<string> {
  const file = join(directory, name)
  const picture = ['-f', 'lavfi', '-i', `color=red:s=160x96:r=25:d=${seconds},format=yuv420p`]
  const sound = ['-f', 'lavfi', '-t', String(soundSeconds), '-i', tone(440)]
  await ffmpeg([...picture, ...sound, '-c:v', 'libx264', '-profile:v', profile, '-c:a', 'aac', file])
  return file
}

test('a file that is as promised passes, with its size', async () => {
  const file = await fileOf('right.mp4')
  expect(await verify(file, promised, signal)).toBe((await stat(file)).size)
})

test.each([
  { what: 'is too short', options: { seconds: 1.8 } },
  { what: 'has too little sound', options: { soundSeconds: 1.5 } },
  { what: 'is of another profile', options: { profile: 'main' } },
])('a file that $what is refused', async ({ what, options }) => {
  const file = await fileOf(`${what}.mp4`, options)
  await expect(verify(file, promised, signal)).rejects.toThrow('not what was rendered')
})
