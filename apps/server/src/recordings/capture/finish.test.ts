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

/** What is done at the end of a capture, in its order. */
async function finish(row: Partial<RecordingRow>, ended: RecordingRow | undefined): Promise<string[]> {
  const done: string[] = []
  const shipping = { place: 'a/b', rest: async () => void done.push('stored') }
  await finishCapture({
    row: { id: 'EG_1', picture: { layout: 'grid' }, ...row } as RecordingRow,
    folder,
    reason: 'stopped',
    shipping: shipping as unknown as Shipping,
    store: {
      ended: async () => {
        done.push('ended')
        return ended
      },
      captured: async () => void done.push('captured'),
      failed: async (_id, error) => {
        done.push(error)
        return true
      },
      release: async () => void done.push('released'),
    },
    insist: (write) => write(),
    settled: async () => undefined,
    inTurn: (work) => work(),
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
  })
  return done
}

test('at the end of a capture all of it is stored', async () => {
  expect(await finish({}, { id: 'EG_1' } as RecordingRow)).toEqual(['ended', 'stored', 'captured'])
})

test('nothing of one is stored that was given up, deleted, or taken by another', async () => {
  expect(await finish({}, undefined)).toEqual(['ended'])
})

test.each([
  ['waits for its server, which may be starting again', 1_000, 'released'],
  ['is lost with its server after ten minutes', 600_000, 'server-lost'],
])('one that was stopped, and of which nothing is here or in the store, %s', async (_, agoMs, outcome) => {
  await rm(join(folder, 'timeline.jsonl'))
  const row = { startedAt: new Date('2026-01-01T12:00:00Z'), stoppedAt: new Date(Date.now() - agoMs) }
  expect(await finish(row, undefined)).toEqual([outcome])
})
