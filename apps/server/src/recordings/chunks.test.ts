import type { Timeline } from '@rtcstack/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkMs, partsWithin, remainingChunks, settledChunks } from './chunks.ts'

const span = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) => ({ fromMs, untilMs })
const lengths = fc.integer({ min: 1, max: 20 * chunkMs })

/** A timeline of parts, each of a track of its own; what is not closed has no end. */
function timelineOf(parts: { fromMs: number; untilMs: number | null }[]): Timeline {
  const tracks = parts.map((part, index) => ({
    sid: `TR_${index}`,
    participantSid: 'PA_1',
    kind: 'audio',
    source: 'MICROPHONE',
    ...part,
    muted: [],
    gaps: [],
    parts: [{ file: `${index}.ogg`, codec: 'opus', mediaType: 'audio/ogg', sizeBytes: 1, ...part }],
  }))
  return {
    version: 1,
    recordingId: 'EG_1',
    room: { sid: 'RM_1', name: 'room' },
    startedAt: '2026-01-01T12:00:00.000Z',
    durationMs: null,
    participants: [],
    tracks,
    speakers: [],
    pauses: [],
    gaps: [],
  }
}

const part = fc
  .tuple(lengths, lengths, fc.boolean())
  .map(([fromMs, lengthMs, isClosed]) => ({ fromMs, untilMs: isClosed ? fromMs + lengthMs : null }))

test('chunks follow each other without a gap from where rendering has come to up to the end', () => {
  fc.assert(
    fc.property(lengths, fc.nat(20), (durationMs, done) => {
      const fromMs = done * chunkMs
      const chunks = remainingChunks(durationMs, fromMs)
      if (fromMs >= durationMs) {
        expect(chunks).toEqual([])
        return
      }
      expect(chunks[0]?.fromMs).toBe(fromMs)
      expect(chunks.at(-1)?.untilMs).toBe(durationMs)
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.untilMs).toBeGreaterThan(chunk.fromMs)
        expect(chunk.untilMs - chunk.fromMs).toBeLessThanOrEqual(chunkMs)
        expect(chunk.isFirst).toBe(chunk.fromMs === 0)
        expect(chunk.isLast).toBe(index === chunks.length - 1)
        if (index > 0) expect(chunk.fromMs).toBe(chunks[index - 1]?.untilMs)
      }
      expect(new Set(chunks.map(({ name }) => name)).size).toBe(chunks.length)
    }),
  )
})

test('what is rendered during the call and what is rendered after it are together the whole recording', () => {
  fc.assert(
    fc.property(lengths, fc.array(part, { maxLength: 8 }), (nowMs, parts) => {
      const early = settledChunks(timelineOf(parts), 0, nowMs, () => true, span)
      const reached = early.at(-1)?.untilMs ?? 0
      const all = [...early, ...remainingChunks(nowMs, reached)]
      expect(all.map(({ name, fromMs, untilMs, isFirst }) => ({ name, fromMs, untilMs, isFirst }))).toEqual(
        remainingChunks(nowMs, 0).map(({ name, fromMs, untilMs, isFirst }) => ({
          name,
          fromMs,
          untilMs,
          isFirst,
        })),
      )
      expect(all.filter(({ isLast }) => isLast)).toEqual(all.slice(-1))
    }),
  )
})

test('a chunk is rendered during the call only when it is over, and all that it needs is closed and stored', () => {
  fc.assert(
    fc.property(lengths, fc.array(fc.tuple(part, fc.boolean()), { maxLength: 8 }), (nowMs, parts) => {
      const timeline = timelineOf(parts.map(([one]) => one))
      const stored = new Set(parts.flatMap(([, isStored], index) => (isStored ? [`${index}.ogg`] : [])))
      for (const chunk of settledChunks(timeline, 0, nowMs, (file) => stored.has(file), span)) {
        expect(chunk.untilMs).toBeLessThan(nowMs)
        expect(chunk.isLast).toBe(false)
        for (const { file, untilMs } of partsWithin(timeline, chunk)) {
          expect(untilMs).not.toBeNull()
          expect(stored).toContain(file)
        }
      }
    }),
  )
})

test('one chunk that waits for a file makes those behind it wait, so that rendering never leaves a hole', () => {
  const timeline = timelineOf([{ fromMs: 40_000, untilMs: null }])
  expect(settledChunks(timeline, 0, 200_000, () => true, span).map(({ fromMs }) => fromMs)).toEqual([0])
})

test('files are looked for as far around a chunk as its rendering looks', () => {
  const timeline = timelineOf([{ fromMs: 30_500, untilMs: null }])
  const wider = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) => ({
    fromMs,
    untilMs: untilMs + 1_000,
  })
  expect(settledChunks(timeline, 0, 60_000, () => true, span)).toHaveLength(1)
  expect(settledChunks(timeline, 0, 60_000, () => true, wider)).toEqual([])
})
