import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { render } from './render.ts'
import { ffmpeg, frameAt, movingBox, writeVideo } from './testing/media.ts'
import { emptyTimeline, participant, track } from './testing/timeline.ts'

const sizes = [
  { size: '640x360', colour: 'red' },
  { size: '320x180', colour: 'cyan' },
  { size: '180x320', colour: 'lime' },
  { size: '640x480', colour: 'yellow' },
]
const everyMs = 1_000
const durationMs = sizes.length * everyMs

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-sizes-'))
}, 60_000)
afterAll(() => rm(directory, { recursive: true, force: true }))

/** A file whose pictures change their size, as those of a camera do of which other layers are sent in turn, or that is turned. */
async function writeChanging(): Promise<void> {
  const lines: string[] = []
  for (const [index, { size, colour }] of sizes.entries()) {
    const stretch = { directory, file: `${index}.webm`, fromMs: 0, untilMs: everyMs }
    await writeVideo(stretch, movingBox(colour, size))
    lines.push(`file ${stretch.file}`, `duration ${everyMs / 1000}`)
  }
  const list = join(directory, 'list.txt')
  await writeFile(list, lines.join('\n'))
  const changing = await ffmpeg(['-f', 'concat', '-i', list, '-c', 'copy', '-f', 'webm', 'pipe:1'])
  await writeFile(join(directory, 'changing.webm'), changing)
}

test('a picture that changes its size keeps its tile, and the others keep theirs', async () => {
  const span = { fromMs: 0, untilMs: durationMs }
  await writeChanging()
  // One frame a second: lost state would show as a hole until the next one.
  const still = await writeVideo({ directory, file: 'still.webm', ...span }, movingBox('blue', '640x360', 1))
  const timeline = emptyTimeline(durationMs)
  timeline.participants = [participant('PA_a', 0, null), participant('PA_b', 0, null)]
  timeline.tracks = [
    track('PA_a', 'CAMERA', span, { parts: [{ ...still, file: 'changing.webm' }] }),
    track('PA_b', 'CAMERA', span, { parts: [still] }),
  ]
  await writeFile(join(directory, 'timeline.json'), JSON.stringify(timeline))
  const output = join(directory, 'call.mp4')
  const settings = { directory, output, width: 640, height: 360, fps: 25, crf: 25, concurrency: 1 }
  const { intervals } = await render(settings, { signal: new AbortController().signal, onProgress: () => {} })
  expect(intervals).toBe(1)

  const expected = [
    [255, 0, 0],
    [0, 255, 255],
    [0, 255, 0],
    [255, 255, 0],
  ]
  for (const [index, colour] of expected.entries()) {
    const frame = await frameAt(output, index * everyMs + 800)
    // The right edges of both tiles, away from their boxes.
    expectColour(frame, 300, colour)
    expectColour(frame, 610, [0, 0, 255])
  }
}, 60_000)

function expectColour(frame: Buffer, x: number, colour: number[]): void {
  const at = (200 * 640 + x) * 3
  for (const [index, value] of colour.entries())
    expect(Math.abs((frame[at + index] ?? 0) - value)).toBeLessThan(16)
}
