import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { look, nameColour } from '../calls/video-pattern.ts'
import { probeMovie } from './movie.ts'
import { cut, readPictures } from './pictures.ts'
import { run } from './run.ts'
import { readSound, shareBeside } from './sound.ts'

let folder: string
let file: string

// A red half and a blue half at 25 frames a second for two seconds, with 440 Hz in the first of them alone and 1000 Hz throughout.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcstack-media-'))
  file = join(folder, 'known.mp4')
  const picture =
    'color=0xfe0000:s=160x180:r=25[l];color=0x0000fe:s=160x180:r=25[r];[l][r]hstack,format=yuv420p'
  const sound = "aevalsrc='0.25*sin(2*PI*1000*t)+0.25*sin(2*PI*440*t)*lt(t,1)':s=48000"
  await run('ffmpeg', [
    ...['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, '-t', '2', '-c:v', 'libx264'],
    ...['-profile:v', 'high', '-c:a', 'aac', '-movflags', '+faststart', file],
  ])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('tells what a file is', async () => {
  const facts = await probeMovie(file)
  expect(facts).toMatchObject({
    video: { codec: 'h264', profile: 'High', pixelFormat: 'yuv420p', width: 320, height: 180 },
    audio: { codec: 'aac', sampleRateHz: 48_000 },
  })
  expect(facts.durationMs).toBeCloseTo(2_000, -2)
  expect(facts.boxes.filter((box) => box === 'moov' || box === 'mdat')).toEqual(['moov', 'mdat'])
})

it('reads pictures at their times, and finds what is in a part of them', async () => {
  const pictures = await readPictures(file, { width: 160, height: 90, every: 5 })
  expect(pictures.map(({ atMs }) => Math.round(atMs))).toEqual([
    0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800,
  ])
  for (const picture of pictures) {
    const seen = (x: number) => nameColour(look(cut(picture, { x, y: 4, width: 70, height: 80 })))
    expect([seen(2), seen(86)]).toEqual(['red', 'blue'])
  }
})

it('reads the level of each tone, and what is beside them', async () => {
  const sound = await readSound(file)
  expect(Math.min(...sound.levels(440, 100, 900))).toBeGreaterThan(0.2)
  expect(Math.max(...sound.levels(440, 1_100, 1_900))).toBeLessThan(0.005)
  expect(Math.min(...sound.levels(1_000, 100, 1_900))).toBeGreaterThan(0.2)
  expect(shareBeside([440, 1_000], sound.between(500, 550))).toBeLessThan(0.01)
  expect(shareBeside([440], sound.between(500, 550))).toBeGreaterThan(0.4)
})
