import { expect, test } from 'vitest'
import type { AppendFile } from './append-file.ts'
import type { TimelineEvent } from './timeline-event.ts'
import { createTrackFiles } from './track-files.ts'

const startMs = 1_700_000_000_000
const vp8Key = Buffer.from([0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0, 1, 2, 3])
const vp8Delta = Buffer.from([0x10, 1, 0, 0, 1, 2])
const opus = Buffer.from([0x78, 1, 2, 3])

/** Files of a track whose recording starts at its first frame, cut each second. */
function openTrack(codec: 'opus' | 'vp8') {
  const told: TimelineEvent[] = []
  let files = 0
  let keyFramesAskedFor = 0
  let sequence = 0
  const track = createTrackFiles({
    sid: 'TR_1',
    codec,
    segmentMs: 1_000,
    clock: (capturedAtMs) => capturedAtMs - startMs,
    tell: (event) => told.push(event),
    openFile: (extension) => ({ name: `${++files}${extension}`, file: emptyFile }),
    needKeyFrame: () => keyFramesAskedFor++,
  })
  const push = (timeMs: number, payload = opus) =>
    track.packet({
      sequence: sequence++,
      timestamp: timeMs * (codec === 'opus' ? 48 : 90),
      marker: true,
      payload,
      capturedAtMs: startMs + timeMs,
    })
  return {
    track,
    push,
    told,
    lose: () => {
      sequence++
      track.gap()
    },
    opened: () => told.flatMap((event) => (event.type === 'opened' ? [Math.round(event.atMs)] : [])),
    keyFramesAskedFor: () => keyFramesAskedFor,
  }
}
const emptyFile: AppendFile = { append() {}, flush: async () => undefined, close: async () => true }

test('sound is cut where a segment begins', () => {
  const { push, opened } = openTrack('opus')
  for (let timeMs = 0; timeMs <= 2_500; timeMs += 20) push(timeMs)
  expect(opened()).toEqual([0, 1_000, 2_000])
})

test('video is cut at its first key frame of a segment, and goes on in the old file until then', () => {
  const { push, opened } = openTrack('vp8')
  for (let timeMs = 0; timeMs <= 2_500; timeMs += 50)
    push(timeMs, [0, 600, 1_300, 1_600, 2_000].includes(timeMs) ? vp8Key : vp8Delta)
  expect(opened()).toEqual([0, 1_300, 2_000])
})

test('before a key frame nothing is written, and one is asked for', () => {
  const { push, told, opened, keyFramesAskedFor } = openTrack('vp8')
  push(0, vp8Delta)
  expect([told, keyFramesAskedFor()]).toEqual([[], 1])
  push(50, vp8Key)
  expect([opened(), keyFramesAskedFor()]).toEqual([[50], 1])
})

test('what follows a cut begins a new file, and the old one goes up to it', async () => {
  const { track, push, told, opened } = openTrack('vp8')
  push(0, vp8Key)
  push(100, vp8Delta)
  track.cut()
  push(200, vp8Delta)
  push(300, vp8Key)
  await Promise.resolve()
  expect(opened()).toEqual([0, 300])
  expect(told).toContainEqual({ type: 'closed', file: '1.webm', untilMs: 300, sizeBytes: expect.any(Number) })
})

test('a file that was closed ends with its last frame, and the next one begins where packets come again', async () => {
  const { track, push, told, opened } = openTrack('opus')
  for (let timeMs = 0; timeMs <= 100; timeMs += 20) push(timeMs)
  track.close()
  track.close()
  push(500)
  await Promise.resolve()
  expect(opened()).toEqual([0, 500])
  expect(told).toContainEqual({ type: 'closed', file: '1.ogg', untilMs: 120, sizeBytes: expect.any(Number) })
})

test('a file that is closed at a time ends there at the latest', async () => {
  const { track, push, told } = openTrack('opus')
  for (let timeMs = 0; timeMs <= 100; timeMs += 20) push(timeMs)
  track.close(110)
  await Promise.resolve()
  expect(told).toContainEqual({ type: 'closed', file: '1.ogg', untilMs: 110, sizeBytes: expect.any(Number) })
})

test('a loss is told from the packet before it to the one behind it, and none across a pause', () => {
  const { track, push, told, lose } = openTrack('opus')
  const losses = () => told.filter(({ type }) => type === 'lost')
  push(0)
  push(20)
  lose()
  push(100)
  expect(losses()).toEqual([{ type: 'lost', sid: 'TR_1', fromMs: 20, untilMs: 100 }])
  track.close()
  lose()
  push(700)
  expect(losses()).toHaveLength(1)
})

test('a file that has been idle is closed', async () => {
  const { track, push, told } = openTrack('opus')
  push(0)
  track.tick(performance.now() + 1_000)
  track.tick(performance.now() + 3_000)
  await Promise.resolve()
  expect(told.map(({ type }) => type)).toEqual(['opened', 'closed'])
})
