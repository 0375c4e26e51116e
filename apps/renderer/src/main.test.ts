import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChunkJob, JobMessage, RendererMessage, RenderJob } from './messages.ts'
import { writeCall } from './testing/call.ts'

const timeoutMs = 60_000

let directory: string
let job: RenderJob
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-main-'))
  await writeCall(directory)
  const output = join(directory, 'call.mp4')
  job = { directory, output, width: 640, height: 360, fps: 25, crf: 25, concurrency: 1, to: 6_000 }
  // Nine files are encoded, on a machine that may do other things too.
}, 240_000)
afterAll(() => rm(directory, { recursive: true, force: true }))

function start(given: RenderJob) {
  return startJob({ type: 'render', job: given })
}

function startJob(message: JobMessage) {
  const child = fork(join(import.meta.dirname, 'main.ts'))
  const messages: RendererMessage[] = []
  child.on('message', (message: RendererMessage) => messages.push(message))
  send(child, message)
  return { child, messages }
}

const send = (child: ChildProcess, message: JobMessage) => child.send(message)

test(
  'a child process tells its progress and what it made, and ends',
  async () => {
    const { child, messages } = start(job)
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(messages[0]?.type).toBe('progress')
    const { size } = await stat(job.output)
    const result = { durationMs: 6_000, sizeBytes: size, intervals: 2, unreadable: [] }
    expect(messages.at(-1)).toEqual({ type: 'done', result })
  },
  timeoutMs,
)

test(
  'a chunk and a join are answered like a render',
  async () => {
    const { from, to, output, ...look } = job
    const outputs = { videoOutput: join(directory, '0.mp4'), audioOutput: join(directory, '0.aac') }
    const chunk: ChunkJob = { ...look, ...outputs, fromMs: 0, untilMs: 2_000, isFirst: true, isLast: true }
    const first = startJob({ type: 'chunk', job: chunk })
    expect(await once(first.child, 'exit')).toEqual([0, null])
    expect(first.messages[0]?.type).toBe('progress')
    const chunkResult = { durationMs: 2_000, intervals: 1, unreadable: [] }
    expect(first.messages.at(-1)).toMatchObject({ type: 'done', result: chunkResult })

    const joined = join(directory, 'joined.mp4')
    const pieces = { video: outputs.videoOutput, audio: outputs.audioOutput, durationMs: 2_000 }
    const second = startJob({ type: 'join', job: { chunks: [pieces, pieces], output: joined, fps: 25 } })
    expect(await once(second.child, 'exit')).toEqual([0, null])
    const result = { durationMs: 4_000, sizeBytes: (await stat(joined)).size }
    expect(second.messages.at(-1)).toEqual({ type: 'done', result })
  },
  timeoutMs,
)

test(
  'killed for good it leaves things in its work folder alone, and its ffmpeg runs end by themselves',
  async () => {
    const work = join(directory, 'work')
    await mkdir(work)
    const before = await readdir(directory)
    const { child } = start({ ...job, output: join(directory, 'killed.mp4'), to: 20_000, work })
    await once(child, 'message')
    await eventually(async () => expect(await ffmpegRunsOf(work)).not.toEqual([]))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await readdir(directory)).toEqual(before)
    await rm(work, { recursive: true })
    await eventually(async () => expect(await ffmpegRunsOf(work)).toEqual([]), { timeoutMs: 40_000 })
  },
  timeoutMs,
)

/** Processes of ffmpeg that work in a folder. */
async function ffmpegRunsOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return commands.filter((command) => command.startsWith('ffmpeg') && command.includes(folder))
}

test('a job that cannot be done fails with its reason', async () => {
  const { child, messages } = start({ ...job, from: 90_000, to: 95_000 })
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(messages.at(-1)).toMatchObject({ type: 'failed', reason: expect.stringContaining('nothing lies') })
})

test.each(['cancel', 'parent gone'])(
  'it ends and leaves nothing behind: %s',
  async (cause) => {
    const before = await readdir(directory)
    const { child } = start({ ...job, output: join(directory, 'ended.mp4'), to: 20_000 })
    await once(child, 'message')
    if (cause === 'cancel') send(child, { type: 'cancel' })
    else child.disconnect()
    expect(await once(child, 'exit')).toEqual([1, null])
    expect(await readdir(directory)).toEqual(before)
  },
  timeoutMs,
)
