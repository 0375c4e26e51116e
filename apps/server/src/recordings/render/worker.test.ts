import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RenderClaim, RenderStore } from './store.ts'
import type { RenderWork } from './work.ts'
import { type RenderWorker, startRenderWorker } from './worker.ts'

let directory: string
let worker: RenderWorker
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rendering-'))
})
afterEach(async () => {
  await worker.close()
  await rm(directory, { recursive: true, force: true })
})

const claim = { recordingId: 'EG_1', name: '00000', kind: 'chunk', tries: 1 } as RenderClaim

/** A worker with one thing to render, and what it says has come of it. */
async function work(run: RenderWork['run'], ready: Promise<void>): Promise<string[]> {
  const queue = [claim]
  const told: string[] = []
  const tell = (outcome: string) => async () => void told.push(outcome)
  const store = { claim: async () => queue.splice(0), done: tell('done'), retry: tell('retry') }
  worker = await startRenderWorker({
    store: store as unknown as RenderStore,
    work: { run },
    directory,
    maxRenders: 1,
    ready,
    log: pino({ level: 'silent' }),
  })
  return told
}

test.each([
  ['done', async () => ({ sizeBytes: 1, durationMs: 1 })],
  ['retry', () => Promise.reject(new Error('no picture'))],
])('nothing is left on the disk of a render that is %s', async (outcome, run) => {
  const told = await work(run, Promise.resolve())
  await eventually(() => told.includes(outcome))
  await eventually(async () => (await readdir(directory)).length === 0)
})

test('a worker whose server ends before there is ffmpeg ends in peace', async () => {
  const ffmpeg = Promise.withResolvers<void>()
  const told = await work(() => Promise.reject(new Error('there is no ffmpeg')), ffmpeg.promise)
  ffmpeg.reject(new Error('told to end'))
  await worker.close()
  expect(told).toEqual([])
})
