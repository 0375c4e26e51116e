import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { render } from './render.ts'
import { ffmpeg, soundOf, tone, writeSound, writeVideo } from './testing/media.ts'
import { emptyTimeline, participant, track } from './testing/timeline.ts'
import { largestStep, shareOf } from './testing/tones.ts'

const durationMs = 75_000
/** Not on the grid of frames or of packets. */
const joinMs = 1_487
const signalEveryMs = 5_000
const settings = { width: 320, height: 180, fps: 25, crf: 25, concurrency: 2 }

let directory: string
let output: string
let sound: Int16Array

// More than a minute is encoded, rendered and decoded, on a machine that may do other things too.
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-sync-'))
  output = join(directory, 'call.mp4')
  const span = { fromMs: joinMs, untilMs: durationMs }
  const isOn = `lt(mod(t,${signalEveryMs / 1000}),0.1)`
  const flash = `color=black:s=320x180:r=25,drawbox=t=fill:c=white:enable='${isOn}'`
  const beep = `aevalsrc='0.25*sin(2*PI*1000*t)*${isOn}':s=48000`
  const whole = { fromMs: 0, untilMs: durationMs }
  const [camera, microphone, steady] = await Promise.all([
    writeVideo({ directory, file: 'flash.webm', ...span }, flash),
    writeSound({ directory, file: 'beep.ogg', ...span }, beep),
    writeSound({ directory, file: 'tone.ogg', ...whole }, tone(440)),
  ])
  const timeline = emptyTimeline(durationMs)
  timeline.participants = [participant('PA_flash', joinMs, null), participant('PA_tone', 0, null)]
  timeline.tracks = [
    track('PA_flash', 'CAMERA', span, { parts: [camera] }),
    track('PA_flash', 'MICROPHONE', span, { parts: [microphone] }),
    track('PA_tone', 'MICROPHONE', whole, { parts: [steady] }),
  ]
  await writeFile(join(directory, 'timeline.json'), JSON.stringify(timeline))
  const options = { signal: new AbortController().signal, onProgress: () => {} }
  await render({ directory, output, layout: 'grid', ...settings }, options)
  sound = await soundOf(output)
}, 240_000)
afterAll(() => rm(directory, { recursive: true, force: true }))

test('flash and beep are within 40 ms of each other and of when they were sent, from the start to the end', async () => {
  const flashes = await flashesOf(output)
  const beeps = beepsOf(sound)
  const sent = Array.from({ length: 15 }, (_, index) => joinMs + index * signalEveryMs)
  expect(flashes).toHaveLength(sent.length)
  expect(beeps).toHaveLength(sent.length)
  for (const [index, sentMs] of sent.entries()) {
    const [flashMs = 0, beepMs = 0] = [flashes[index], beeps[index]]
    expect(Math.abs(flashMs - beepMs)).toBeLessThanOrEqual(40)
    // In the nearest frame, but for the millisecond that time stamps are rounded to; who joins comes with the next one.
    expect(Math.abs(flashMs - sentMs)).toBeLessThanOrEqual(index === 0 ? 40 : 21)
    expect(Math.abs(beepMs - sentMs)).toBeLessThanOrEqual(20)
  }
})

test('a tone goes through the border between chunks without a step or a gap', () => {
  const around = (ms: number) => sound.subarray((ms - 250) * 48, (ms + 250) * 48)
  const within = largestStep(around(45_000))
  expect(within).toBeGreaterThan(200)
  // Half a second before the minute.
  const atBorder = around(59_490)
  expect(largestStep(atBorder)).toBeLessThanOrEqual(within * 1.1)
  expect(shareOf(440, atBorder)).toBeGreaterThan(0.99)
})

/** When the picture turns bright: by the mean of each frame's right half. */
async function flashesOf(file: string): Promise<number[]> {
  const pixels = [
    '-vf',
    'crop=80:60:200:60,scale=1:1:flags=area',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ]
  const frames = await ffmpeg(['-i', file, ...pixels])
  expect(frames).toHaveLength((durationMs / 1000) * settings.fps)
  return [...frames].flatMap((level, index) =>
    level > 128 && (frames[index - 1] ?? 0) <= 128 ? [index * 40] : [],
  )
}

/** When the beep begins, to 5 ms. */
function beepsOf(samples: Int16Array): number[] {
  const stepMs = 5
  const levels = Array.from({ length: Math.floor(samples.length / (stepMs * 48)) }, (_, index) =>
    shareOf(1_000, samples.subarray(index * stepMs * 48, (index + 1) * stepMs * 48)),
  )
  return levels.flatMap((level, index) => {
    const before = levels.slice(Math.max(0, index - 20), index)
    return level > 0.2 && before.every((earlier) => earlier <= 0.2) ? [index * stepMs] : []
  })
}
