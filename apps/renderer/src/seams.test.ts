import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderInChunks, spansOf } from './testing/chunks.ts'
import { soundOf, writeSound } from './testing/media.ts'
import { emptyTimeline, participant, track } from './testing/timeline.ts'

const durationMs = 120_000
const chunkMs = 30_000
const borders = [30_000, 60_000, 90_000]
const look = { width: 128, height: 72, fps: 25, crf: 40 }
// Two minutes are encoded, rendered twice and decoded, on a machine that may do other things too.
const timeoutMs = 120_000

const sources = {
  'a steady tone': '0.25*sin(2*PI*440*t)',
  'voices above the limit': '0.95*sin(2*PI*440*t)+0.9*sin(2*PI*557*t)',
  'levels as of speech':
    '(0.3*sin(2*PI*200*t)+0.2*sin(2*PI*733*t)+0.1*sin(2*PI*2100*t))*max(0,-sin(2*PI*0.7*t))*(1+sin(2*PI*3.1*t))',
}

describe.each(Object.entries(sources))('%s', (_, expression) => {
  let directory: string
  let sent: Int16Array
  let inChunks: Int16Array
  let inOne: Int16Array
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'renderer-seams-'))
    const whole = { fromMs: 0, untilMs: durationMs }
    const source = `aevalsrc='${expression}':s=48000`
    const part = await writeSound({ directory, file: '0.ogg', ...whole }, source)
    const timeline = emptyTimeline(durationMs)
    timeline.participants = [participant('PA_a', 0, null)]
    timeline.tracks = [track('PA_a', 'MICROPHONE', whole, { parts: [part] })]
    await writeFile(join(directory, 'timeline.json'), JSON.stringify(timeline))
    const rendered = async (name: string, ms: number) => {
      const { output } = await renderInChunks({ directory, name, look, spans: spansOf(durationMs, ms) })
      return soundOf(output)
    }
    sent = await soundOf(join(directory, '0.ogg'))
    inChunks = await rendered('chunks', chunkMs)
    inOne = await rendered('one', durationMs)
  }, timeoutMs)
  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('not a sample is missing', () => {
    expect(inChunks.length).toBe(inOne.length)
    expect(Math.abs(inChunks.length - durationMs * 48)).toBeLessThan(1024)
  })

  test('no border clicks: what is above the voices is as faint there as elsewhere', () => {
    const within = Math.max(...borders.map((ms) => sharpest(inChunks, ms + 5_000, ms + 25_000)))
    for (const ms of borders) expect(sharpest(inChunks, ms - 700, ms + 100)).toBeLessThanOrEqual(within * 1.1)
  })

  test('a border is no further from one encoding of all than two encodings are anywhere', () => {
    // An encoder's choices differ a little once its history does.
    const within = Math.max(...borders.map((ms) => farthest(inChunks, inOne, ms + 200, ms + 29_000)))
    expect(within).toBeLessThan(32_768 * 0.06)
    for (const ms of borders)
      expect(farthest(inChunks, inOne, ms - 700, ms + 100)).toBeLessThanOrEqual(within * 1.5)
  })

  test('sound is where it was sent, to the sample, from the first chunk to the last', () => {
    for (const ms of [10_000, ...borders, 118_000]) expect(lag(inChunks, sent, ms)).toBe(0)
  })
})

/** The largest fourth difference, which is of what is highest in a sound. */
function sharpest(samples: Int16Array, fromMs: number, untilMs: number): number {
  const at = (index: number) => samples[index] ?? 0
  let largest = 0
  for (let index = fromMs * 48; index < untilMs * 48; index++) {
    const difference = at(index) - 4 * at(index - 1) + 6 * at(index - 2) - 4 * at(index - 3) + at(index - 4)
    largest = Math.max(largest, Math.abs(difference))
  }
  return largest
}

function farthest(one: Int16Array, other: Int16Array, fromMs: number, untilMs: number): number {
  let largest = 0
  for (let index = fromMs * 48; index < untilMs * 48; index++)
    largest = Math.max(largest, Math.abs((one[index] ?? 0) - (other[index] ?? 0)))
  return largest
}

/** By how many samples a sound is late in the second around a time, at most twenty: where it is most like what was sent. */
function lag(samples: Int16Array, original: Int16Array, ms: number): number {
  const from = ms * 48 - 24_000
  const likeness = (shift: number) => {
    let sum = 0
    for (let index = from; index < from + 48_000; index++)
      sum += (original[index] ?? 0) * (samples[index + shift] ?? 0)
    return sum
  }
  const shifts = Array.from({ length: 41 }, (_, index) => index - 20)
  return shifts.reduce((best, shift) => (likeness(shift) > likeness(best) ? shift : best))
}
