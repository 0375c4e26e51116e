import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderChunk } from './chunk.ts'
import { probe } from './ffmpeg.ts'
import { joinChunks } from './join.ts'
import type { ChunkSpan } from './messages.ts'
import { options, renderInChunks, spansOf } from './testing/chunks.ts'
import { frameAt, movingBox, soundOf, tone, writeSound, writeVideo } from './testing/media.ts'
import { emptyTimeline, participant, track } from './testing/timeline.ts'
import { shareOf } from './testing/tones.ts'

// Sixteen are decoded and encoded, on a machine that may do other things too.
const timeoutMs = 60_000
const look = { width: 640, height: 360, fps: 25, crf: 30 }
const durationMs = 8_000
const middle: ChunkSpan = { fromMs: 3_000, untilMs: 6_000, isFirst: false, isLast: false }

let media: string
beforeAll(async () => {
  media = await mkdtemp(join(tmpdir(), 'renderer-chunk-media-'))
  const at = (file: string, fromMs: number, untilMs: number) => ({ directory: media, file, fromMs, untilMs })
  // Files that follow each other with a hole as of frames that came late, over a border of chunks.
  await writeVideo(at('red-0.webm', 0, 2_950), movingBox('red', '320x180'))
  await writeVideo(at('red-1.webm', 3_070, durationMs), movingBox('red', '320x180'))
  await writeVideo(at('screen.webm', 0, durationMs), movingBox('magenta', '400x300', 1))
  await writeSound(at('a-0.ogg', 0, 3_000), tone(440))
  await writeSound(at('a-1.ogg', 3_000, durationMs), tone(440))
  await writeFile(join(media, 'corrupt.webm'), Buffer.alloc(20_000, 7))
}, timeoutMs)
afterAll(() => rm(media, { recursive: true, force: true }))

const whole = { fromMs: 0, untilMs: durationMs }
const [part] = track('PA_a', 'CAMERA', whole).parts
const partOf = (file: string, fromMs = 0, untilMs: number | null = durationMs) => ({
  ...(part as NonNullable<typeof part>),
  file,
  fromMs,
  untilMs,
})
const reds = [partOf('red-0.webm', 0, 2_950), partOf('red-1.webm', 3_070)]
const camera = (sid: string, parts = reds) => track(sid, 'CAMERA', whole, { parts })
const microphone = (sid: string) =>
  track(sid, 'MICROPHONE', whole, { parts: [partOf('a-0.ogg', 0, 3_000), partOf('a-1.ogg', 3_000)] })
const screen = (sid: string) => track(sid, 'SCREEN_SHARE', whole, { parts: [partOf('screen.webm')] })

/** A folder with a timeline of these, and the media. */
async function recordingOf(more: Partial<Timeline>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'renderer-chunk-'))
  await cp(media, directory, { recursive: true })
  const timeline = { ...emptyTimeline(durationMs), participants: [participant('PA_a', 0, null)], ...more }
  await writeFile(join(directory, 'timeline.json'), JSON.stringify(timeline))
  return directory
}

const sids = Array.from({ length: 16 }, (_, index) => `PA_${index}`)
const cases: { what: string; more: Partial<Timeline>; unreadable?: string[] }[] = [
  { what: 'nobody', more: { participants: [] } },
  {
    what: 'nothing but a pause',
    more: { pauses: [{ fromMs: 1_000, untilMs: null }], tracks: [camera('PA_a')] },
  },
  {
    what: 'sixteen people',
    more: {
      participants: sids.map((sid) => participant(sid, 0, null)),
      tracks: sids.flatMap((sid) => [camera(sid), microphone(sid)]),
    },
  },
  { what: 'a shared screen', more: { tracks: [camera('PA_a'), screen('PA_a'), microphone('PA_a')] } },
  { what: 'no sound', more: { tracks: [camera('PA_a')] } },
  { what: 'no picture', more: { tracks: [microphone('PA_a')] } },
  {
    what: 'a corrupt file',
    more: { tracks: [camera('PA_a', [partOf('corrupt.webm')]), microphone('PA_a')] },
    unreadable: ['corrupt.webm'],
  },
  {
    what: 'a missing file',
    more: { tracks: [camera('PA_a', [partOf('absent.webm')]), microphone('PA_a')] },
    unreadable: ['absent.webm'],
  },
]

test.each(cases)(
  'chunks with $what are as long as they should be, whether the recording goes on or has ended',
  async ({ more, unreadable = [] }) => {
    for (const known of [null, durationMs]) {
      const directory = await recordingOf({ ...more, durationMs: known })
      const job = { directory, ...look, ...middle, concurrency: 2 }
      const outputs = { videoOutput: join(directory, 'v.mp4'), audioOutput: join(directory, 'a.aac') }
      const result = await renderChunk({ ...job, ...outputs }, options())
      expect(result).toMatchObject({ durationMs: 3_000, unreadable })
      const { streams } = await probe<{ streams: { nb_frames: string }[] }>(
        ['-show_entries', 'stream=nb_frames', outputs.videoOutput],
        options().signal,
      )
      expect(streams).toEqual([{ nb_frames: '75' }])
      // Each border is less than a frame of sound before its time, and one frame more primes the decoder.
      const frames = (await soundOf(outputs.audioOutput)).length / 1024
      expect(Math.abs(frames - (3_000 * 48) / 1024)).toBeLessThanOrEqual(1)
      await rm(directory, { recursive: true })
    }
  },
  timeoutMs,
)

test(
  'a chunk needs only the files of its time, and looks for no others',
  async () => {
    const directory = await recordingOf({ tracks: [camera('PA_a'), microphone('PA_a')] })
    await rm(join(directory, 'red-0.webm'))
    await rm(join(directory, 'a-0.ogg'))
    const last = { fromMs: 6_000, untilMs: durationMs, isFirst: false, isLast: true }
    const outputs = { videoOutput: join(directory, 'v.mp4'), audioOutput: join(directory, 'a.aac') }
    const result = await renderChunk({ directory, ...look, ...last, concurrency: 1, ...outputs }, options())
    expect(result.unreadable).toEqual([])
    await rm(directory, { recursive: true })
  },
  timeoutMs,
)

test(
  'stretches of one frame and of two, at a border and at the end, are joined like any other',
  async () => {
    const leaves = (untilMs: number) => [participant('PA_a', 0, null), participant('PA_b', 0, untilMs)]
    for (const untilMs of [40, 2_960, 3_080, durationMs - 40]) {
      const directory = await recordingOf({ participants: leaves(untilMs), tracks: [camera('PA_a')] })
      const { result } = await renderInChunks({
        directory,
        name: 'call',
        look,
        spans: spansOf(durationMs, 3_000),
      })
      expect(result.durationMs).toBe(durationMs)
      await rm(directory, { recursive: true })
    }
  },
  timeoutMs,
)

test(
  'across chunks and files the picture stays and the tone goes on, without a work folder left',
  async () => {
    const directory = await recordingOf({ tracks: [camera('PA_a'), microphone('PA_a')] })
    const { output, result } = await renderInChunks({
      directory,
      name: 'call',
      look,
      spans: spansOf(durationMs, 3_000),
    })
    expect(result.durationMs).toBe(durationMs)
    for (const ms of [2_920, 2_960, 3_000, 3_040, 3_080, 3_120, 5_960, 6_000, 7_960]) {
      const frame = await frameAt(output, ms)
      const at = (200 * look.width + 40) * 3
      expect(
        [frame[at], frame[at + 1], frame[at + 2]].map((value = 0) => Math.round(value / 64)),
        `${ms} ms`,
      ).toEqual([4, 0, 0])
    }
    const sound = await soundOf(output)
    for (let ms = 100; ms + 200 <= durationMs; ms += 200)
      expect(shareOf(440, sound.subarray(ms * 48, (ms + 200) * 48)), `${ms} ms`).toBeGreaterThan(0.95)
    expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([])
    await rm(directory, { recursive: true })
  },
  timeoutMs,
)

test(
  'chunks that are not whole are not joined, and nothing is left',
  async () => {
    const directory = await recordingOf({ participants: [] })
    const { chunks } = await renderInChunks({
      directory,
      name: 'call',
      look,
      spans: spansOf(durationMs, 4_000),
    })
    const work = join(directory, 'work')
    await mkdir(work)
    const output = join(directory, 'partial.mp4')
    const [first, second] = chunks
    if (!first || !second) throw new Error('two chunks were to be made')
    const silent = { ...second, audio: join(directory, 'empty.aac') }
    await writeFile(silent.audio, '')
    const joined = (given: typeof chunks) => joinChunks({ chunks: given, output, fps: 25, work }, options())
    await expect(joined([first, silent])).rejects.toThrow('not what was rendered')
    await expect(joined([first, { ...second, durationMs: 4_040 }])).rejects.toThrow('not what was rendered')
    expect(await readdir(work)).toEqual([])
    expect(await readdir(directory)).not.toContain('partial.mp4')
    await rm(directory, { recursive: true })
  },
  timeoutMs,
)
