import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTimeline } from './read-timeline.ts'
import { salvage } from './salvage/salvage.ts'
import { openSpool } from './spool.ts'
import { openStory } from './story.ts'
import type { TimelineEvent } from './timeline-event.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'going-on-'))
})
afterEach(() => rm(directory, { recursive: true }))

const sound = { sid: 'TR_1', participantSid: 'PA_1', kind: 'audio', source: 'MICROPHONE' } as const
const opened = (number: number, atMs: number): TimelineEvent => ({
  type: 'opened',
  sid: 'TR_1',
  file: `tracks/TR_1-${number}.ogg`,
  codec: 'opus',
  mediaType: 'audio/ogg',
  atMs,
})
/** A recorder was killed that had ended one file of a track, and begun another; both are elsewhere. */
const journal: TimelineEvent[] = [
  {
    type: 'started',
    version: 1,
    recordingId: 'EG_1',
    room: { sid: 'RM_1', name: 'tea' },
    startedAt: '2026-01-01T12:00:00.000Z',
  },
  {
    type: 'joined',
    atMs: 0,
    participant: { sid: 'PA_1', identity: 'ada', name: 'Ada', kind: 'STANDARD', role: null },
  },
  { type: 'published', atMs: 0, track: sound, muted: false },
  opened(1, 0),
  { type: 'closed', file: 'tracks/TR_1-1.ogg', untilMs: 30_000, sizeBytes: 5_000 },
  opened(2, 30_000),
]
const bringJournal = (torn = '') =>
  writeFile(
    join(directory, 'timeline.jsonl'),
    `${journal.map((event) => JSON.stringify(event)).join('\n')}\n${torn}`,
  )
const failed = (error: Error) => expect.unreachable(error.message)
const openStoryHere = () => openStory({ directory, recordingId: 'EG_1', room: () => undefined, failed })

test('what is ended elsewhere stays in the timeline, and what was never brought to an end leaves it', async () => {
  await bringJournal()
  const story = await openStoryHere()
  expect(story.mendedParts).toEqual([])
  await story.close()
  const timeline = await salvage(directory)
  expect(timeline?.tracks[0]?.parts.map(({ file, sizeBytes }) => [file, sizeBytes])).toEqual([
    ['tracks/TR_1-1.ogg', 5_000],
  ])
})

test('no new file has a name that the journal knows, though its file is not here', async () => {
  await bringJournal()
  const story = await openStoryHere()
  const told: TimelineEvent[] = []
  const spool = openSpool({
    directory,
    segmentMs: 30_000,
    knownFiles: story.knownFiles,
    clock: () => 60_000,
    tell: (event) => told.push(event),
    requestKeyFrame: () => undefined,
    failed,
  })
  const track = { ...sound, mimeType: 'audio/opus', width: 0, height: 0, source: 'microphone', muted: false }
  const payload = Buffer.from([0x78, 1, 2, 3])
  spool.packet(track, { sequence: 0, timestamp: 0, marker: false, payload, capturedAtMs: 0 })
  await spool.close()
  await story.close()
  expect(told.map((event) => 'file' in event && event.file)).toEqual(Array(2).fill('tracks/TR_1-3.ogg'))
})

test('the timeline can be read while a recorder is at work: what goes on has no end', async () => {
  await bringJournal('{"type":"alive","at')
  const { size } = await stat(join(directory, 'timeline.jsonl'))
  const timeline = await readTimeline(directory)
  expect(timeline).toMatchObject({ durationMs: null, participants: [{ untilMs: null }] })
  expect(timeline?.tracks[0]?.parts.map(({ untilMs }) => untilMs)).toEqual([30_000, null])
  expect((await stat(join(directory, 'timeline.jsonl'))).size).toBe(size)
})

test('where nothing has started there is no timeline to read', async () => {
  expect(await readTimeline(directory)).toBeUndefined()
})
