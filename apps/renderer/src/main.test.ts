import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobMessage, RendererMessage, RenderJob } from './messages.ts'
import { writeCall } from './testing/call.ts'

const timeoutMs = 60_000

let directory: string
let job: RenderJob
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'renderer-main-'))
  await writeCall(directory)
  const output = join(directory, 'call.mp4')
  job = { directory, output, width: 640, height: 360, fps: 25, crf: 25, concurrency: 1, to: 6_000 }
}, timeoutMs)
afterAll(() => rm(directory, { recursive: true, force: true }))

function start(given: RenderJob) {
  const child = fork(join(import.meta.dirname, 'main.ts'))
  const messages: RendererMessage[] = []
  child.on('message', (message: RendererMessage) => messages.push(message))
  send(child, { type: 'render', job: given })
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
