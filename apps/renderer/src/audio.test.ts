import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mixRun } from './audio.ts'
import { render } from './render.ts'
import { soundOf, tone, writeSound } from './testing/media.ts'
import { emptyTimeline, participant, track } from './testing/timeline.ts'
import { largestStep, peakOf, shareOf } from './testing/tones.ts'

const durationMs = 6_000
const whole = { fromMs: 0, untilMs: durationMs }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-audio-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** The mix of voices, each a source of ffmpeg's and when it is muted. */
async function mixOf(voices: { source: string; muted?: [number, number][] }[]): Promise<Int16Array> {
  const timeline = emptyTimeline(durationMs)
  for (const [index, { source, muted = [] }] of voices.entries()) {
    const part = await writeSound({ directory, file: `${index}.ogg`, ...whole }, source)
    timeline.participants.push(participant(`PA_${index}`, 0, null))
    const spans = muted.map(([fromMs, untilMs]) => ({ fromMs, untilMs }))
    timeline.tracks.push(track(`PA_${index}`, 'MICROPHONE', whole, { parts: [part], muted: spans }))
  }
  await writeFile(join(directory, 'timeline.json'), JSON.stringify(timeline))
  const output = join(directory, 'call.mp4')
  const settings = { directory, output, width: 320, height: 180, fps: 25, crf: 30, concurrency: 1 }
  await render(settings, { signal: new AbortController().signal, onProgress: () => {} })
  return soundOf(output)
}

const between = (samples: Int16Array, fromMs: number, untilMs: number) =>
  samples.subarray(fromMs * 48, untilMs * 48)

test.each([
  { channels: 'one channel', source: tone(440) },
  { channels: 'two channels', source: "aevalsrc='0.25*sin(2*PI*440*t)|0.25*sin(2*PI*440*t)':s=48000" },
])(
  'a voice of $channels is as loud as it was sent',
  async ({ source }) => {
    const samples = between(await mixOf([{ source }]), 1_000, 5_000)
    const peak = peakOf(samples) / 32_768
    expect(peak).toBeGreaterThan(0.23)
    expect(peak).toBeLessThan(0.28)
  },
  30_000,
)

test('four voices at full scale are held below it without distortion', async () => {
  const loud = { source: "aevalsrc='0.9*sin(2*PI*440*t)':s=48000" }
  const samples = between(await mixOf([loud, loud, loud, loud]), 1_000, 5_000)
  const peak = peakOf(samples) / 32_768
  expect(peak).toBeGreaterThan(0.7)
  expect(peak).toBeLessThan(0.96)
  expect(shareOf(440, samples)).toBeGreaterThan(0.98)
}, 30_000)

test('a mute is silent within 10 ms and clicks at neither end', async () => {
  const muted: [number, number][] = [
    [2_003, 3_001],
    [4_000, 4_500],
  ]
  const samples = await mixOf([{ source: tone(440), muted }])
  const step = largestStep(between(samples, 1_000, 1_500))
  // A hard edge would be a step of twenty times that.
  expect(largestStep(samples.subarray(500 * 48))).toBeLessThan(1.5 * step)
  for (const [fromMs, untilMs] of muted) {
    // A block of the encoder is 21 ms, and spreads a little of what is beside the silence.
    expect(peakOf(between(samples, fromMs + 40, untilMs - 40))).toBeLessThan(20)
    expect(peakOf(between(samples, untilMs + 15, untilMs + 40))).toBeGreaterThan(7_000)
  }
}, 30_000)

test('a mix reads only the files of its time', () => {
  const timeline = emptyTimeline(180_000)
  timeline.tracks = [
    track('PA_a', 'MICROPHONE', { fromMs: 0, untilMs: 50_000 }),
    track('PA_b', 'MICROPHONE', { fromMs: 50_000, untilMs: null }),
    track('PA_c', 'CAMERA', { fromMs: 0, untilMs: null }),
  ]
  const files = (mix: { fromMs: number; untilMs: number }) => {
    const { args } = mixRun(timeline, mix, (file) => file)
    return args.filter((_, index) => args[index - 1] === '-i')
  }
  expect(files({ fromMs: 0, untilMs: 50_000 })).toEqual(['tracks/TR_PA_a_MICROPHONE.ogg'])
  expect(files({ fromMs: 60_000, untilMs: 120_000 })).toEqual(['tracks/TR_PA_b_MICROPHONE.ogg'])
})
