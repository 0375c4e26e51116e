import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RenderJob, RenderResult } from './messages.ts'
import { render } from './render.ts'
import { callMs, people, writeCall } from './testing/call.ts'
import { frameAt, soundOf } from './testing/media.ts'
import { peakOf, shareOf } from './testing/tones.ts'

// Three renders of half a minute, on a machine that may do other things too.
const timeoutMs = 240_000

const settings = { width: 1280, height: 720, fps: 25, crf: 25, concurrency: 2 }
const rgb: Record<string, number[]> = {
  red: [255, 0, 0],
  green: [0, 128, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  magenta: [255, 0, 255],
  placeholder: [29, 35, 43],
  canvas: [16, 20, 24],
}

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-'))
  await writeCall(directory)
}, timeoutMs)
afterAll(() => rm(directory, { recursive: true, force: true }))

const renderCall = (job: Partial<RenderJob> & { output: string }, signal = new AbortController().signal) =>
  render({ directory, ...settings, ...job }, { signal, onProgress: () => {} })

/** The colour's name at a point of a frame, or what is there. */
function colourAt(frame: Buffer, [x, y]: [number, number]): string {
  const at = (y * settings.width + x) * 3
  const pixel = [...frame.subarray(at, at + 3)]
  const isNear = (colour: number[]) =>
    colour.every((value, index) => Math.abs(value - (pixel[index] ?? 0)) < 12)
  return Object.keys(rgb).find((name) => isNear(rgb[name] ?? [])) ?? pixel.join(' ')
}

describe('a call of four', () => {
  let output: string
  let result: RenderResult
  let sound: Int16Array
  const progress: number[] = []
  beforeAll(async () => {
    output = join(directory, 'call.mp4')
    const { signal } = new AbortController()
    result = await render(
      { directory, output, ...settings },
      { signal, onProgress: (at) => progress.push(at) },
    )
    sound = await soundOf(output)
  }, timeoutMs)

  test('lasts what the recording lasted, and begins with its index', async () => {
    expect(result).toMatchObject({ durationMs: callMs, unreadable: [] })
    const bytes = await readFile(output)
    expect(bytes.length).toBe(result.sizeBytes)
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    expect(Math.abs(sound.length / 48 - callMs)).toBeLessThan(40)
    expect(progress).toEqual(progress.toSorted((one, other) => one - other))
    expect(progress.at(-1)).toBe(1)
  })

  // Points in the upper left of each tile, away from its label, its disc and the moving box.
  const topLeft: [number, number] = [60, 150]
  const topRight: [number, number] = [1200, 150]
  const bottom: [number, number] = [400, 500]
  const bottomLeft: [number, number] = [60, 500]
  const bottomRight: [number, number] = [1200, 500]
  const outside: [number, number] = [150, 600]
  const four = (first: string): [[number, number], string][] => [
    [topLeft, first],
    [topRight, 'red'],
    [bottomLeft, 'yellow'],
    [bottomRight, 'blue'],
  ]
  const three = (last: string): [[number, number], string][] => [
    [topLeft, 'green'],
    [topRight, 'red'],
    [bottom, last],
    [outside, 'canvas'],
  ]
  test.each([
    { ms: 0, what: 'three from the first frame on', points: three('yellow') },
    { ms: 3_960, what: 'three until the join', points: three('yellow') },
    { ms: 4_240, what: 'four after it', points: four('green') },
    { ms: 11_960, what: 'the camera before it is off', points: four('green') },
    { ms: 12_040, what: 'a placeholder for it', points: four('placeholder') },
    { ms: 14_200, what: 'the camera again', points: four('green') },
    { ms: 15_000, what: 'three after the leave', points: three('blue') },
    {
      ms: 18_000,
      what: 'a shared screen on the stage, whole, and the others beside it',
      points: [
        [[500, 300], 'magenta'],
        [[1180, 248], 'green'],
        [[1180, 372], 'red'],
        [[1180, 496], 'blue'],
      ] as [[number, number], string][],
    },
    {
      ms: 22_000,
      what: 'a card while it is paused',
      points: [[topLeft, 'canvas']] as [[number, number], string][],
    },
    { ms: 25_960, what: 'three in the last frame', points: three('blue') },
  ])('shows at $ms ms $what', async ({ ms, points }) => {
    const frame = await frameAt(output, ms)
    expect(points.map(([point]) => colourAt(frame, point))).toEqual(points.map(([, colour]) => colour))
  })

  test('each voice is heard while it is there and not muted, and only then', () => {
    const heard = (atMs: number) => {
      const samples = sound.subarray(atMs * 48, (atMs + 200) * 48)
      return Object.entries(people)
        .filter(([, { toneHz }]) => shareOf(toneHz, samples) > 0.1)
        .map(([, { colour }]) => colour)
    }
    expect(heard(2_000)).toEqual(['green', 'red', 'yellow'])
    expect(heard(5_000)).toEqual(['green', 'red', 'blue', 'yellow'])
    expect(heard(6_050)).toEqual(['red', 'blue', 'yellow'])
    expect(heard(8_750)).toEqual(['red', 'blue', 'yellow'])
    expect(heard(9_050)).toEqual(['green', 'red', 'blue', 'yellow'])
    expect(heard(15_100)).toEqual(['green', 'red', 'blue'])
    expect(heard(22_000)).toEqual([])
    expect(heard(25_000)).toEqual(['green', 'red', 'blue'])
  })

  test('the sound of a pause is digital silence', () => {
    const samples = sound.subarray(21_300 * 48, 22_700 * 48)
    expect(peakOf(samples)).toBeLessThan(4)
  })
})

test(
  'a file that is missing, or holds no media, costs its tile and not the render',
  async () => {
    const broken = await mkdtemp(join(tmpdir(), 'renderer-broken-'))
    try {
      await cp(directory, broken, { recursive: true })
      await rm(join(broken, 'PA_red-0.webm'))
      await writeFile(join(broken, 'PA_green-0.ogg'), Buffer.alloc(50_000, 7))
      // It breaks off: its last picture stays.
      const whole = await readFile(join(broken, 'PA_green-0.webm'))
      await writeFile(join(broken, 'PA_green-0.webm'), whole.subarray(0, 2_000))
      const output = join(broken, 'call.mp4')
      const result = await renderCall({ directory: broken, output, from: 5_000, to: 9_000 })
      expect(result.unreadable.toSorted()).toEqual(['PA_green-0.ogg', 'PA_red-0.webm'])
      const frame = await frameAt(output, 1_000)
      expect(colourAt(frame, [60, 150])).toBe('green')
      expect(colourAt(frame, [1200, 150])).toBe('placeholder')
      expect(colourAt(frame, [1200, 500])).toBe('blue')
    } finally {
      await rm(broken, { recursive: true, force: true })
    }
  },
  timeoutMs,
)

test(
  'an aborted render ends at once and leaves nothing behind',
  async () => {
    const stop = new AbortController()
    const before = await readdir(directory)
    const rendered = render(
      { directory, output: join(directory, 'aborted.mp4'), ...settings },
      { signal: stop.signal, onProgress: () => stop.abort() },
    )
    await expect(rendered).rejects.toThrow('aborted')
    expect(await readdir(directory)).toEqual(before)
  },
  timeoutMs,
)

test('a file outside of the folder is never read', async () => {
  const timeline = JSON.parse(await readFile(join(directory, 'timeline.json'), 'utf8'))
  timeline.tracks[0].parts[0].file = '../secret.webm'
  const outside = await mkdtemp(join(tmpdir(), 'renderer-outside-'))
  await writeFile(join(outside, 'timeline.json'), JSON.stringify(timeline))
  const rendered = renderCall({ directory: outside, output: join(outside, 'call.mp4') })
  await expect(rendered).rejects.toThrow('not in the recording')
  await rm(outside, { recursive: true })
})
