import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEarlyChunks } from './early-chunks.ts'

let folder: string
/** As a recorder does. */
const write = (...events: object[]) =>
  appendFile(join(folder, 'timeline.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'early-chunks-'))
  const started = { type: 'started', version: 1, recordingId: 'EG_1', room: { sid: 'RM_1', name: 'a' } }
  await write({ ...started, startedAt: '2026-01-01T12:00:00.000Z' })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('while a look is held up others do not pile up behind it', async () => {
  await write(
    { type: 'published', atMs: 0, track: { sid: 'TR_1', participantSid: 'PA_1' }, muted: false },
    { type: 'opened', sid: 'TR_1', file: 'tracks/a.ogg', codec: 'opus', mediaType: 'audio/ogg', atMs: 0 },
    { type: 'closed', file: 'tracks/a.ogg', untilMs: 30_000, sizeBytes: 1 },
  )
  const database = Promise.withResolvers<number>()
  let looks = 0
  const chunks = createEarlyChunks({
    folder,
    shipping: {
      has: () => {
        looks++
        return false
      },
      timeline: async () => undefined,
    },
    queuedUntilMs: () => database.promise,
    queue: async () => expect.unreachable('the file of its stretch is not in the store'),
    failed: (error) => expect.unreachable(String(error)),
  })
  for (let recordedMs = 35_000; recordedMs <= 3_600_000; recordedMs += 1_000) chunks.advance(recordedMs)
  database.resolve(0)
  await chunks.settled()
  expect(looks).toBeLessThanOrEqual(2)
})

test('what advances during a look is seen by one more', async () => {
  const store = Promise.withResolvers<void>()
  const queued: number[] = []
  let shipments = 0
  const chunks = createEarlyChunks({
    folder,
    shipping: { has: () => true, timeline: () => (++shipments === 1 ? store.promise : Promise.resolve()) },
    queuedUntilMs: async () => 0,
    queue: async (some) => void queued.push(some.length),
    failed: (error) => expect.unreachable(String(error)),
  })
  chunks.advance(35_000)
  await eventually(() => shipments === 1)
  for (let recordedMs = 36_000; recordedMs <= 3_600_000; recordedMs += 1_000) chunks.advance(recordedMs)
  store.resolve()
  await chunks.settled()
  expect(queued).toEqual([1, 118])
})
