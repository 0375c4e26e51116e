import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RecordingRow } from '../row.ts'
import { finishCapture } from './finish.ts'
import type { Shipping } from './shipping.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finish-'))
  const started = { type: 'started', version: 1, recordingId: 'EG_1', room: { sid: 'RM_1', name: 'a' } }
  const events = [
    { ...started, startedAt: '2026-01-01T12:00:00.000Z' },
    { type: 'ended', atMs: 2_000 },
  ]
  await writeFile(
    join(folder, 'timeline.jsonl'),
    events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  )
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['all of it is stored', { id: 'EG_1' } as RecordingRow, ['ended', 'stored', 'captured']],
  ['nothing of one is stored that was given up, deleted, or taken by another', undefined, ['ended']],
])('at the end of a capture %s', async (_, ended, expected) => {
  const done: string[] = []
  const shipping = { place: 'a/b', rest: async () => void done.push('stored') }
  await finishCapture({
    row: { id: 'EG_1', picture: { layout: 'grid' } } as RecordingRow,
    folder,
    reason: 'room-closed',
    shipping: shipping as unknown as Shipping,
    store: {
      ended: async () => {
        done.push('ended')
        return ended
      },
      captured: async () => void done.push('captured'),
      failed: async () => expect.unreachable('it did not fail'),
    },
    insist: (write) => write(),
    settled: async () => undefined,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
  })
  expect(done).toEqual(expected)
})
