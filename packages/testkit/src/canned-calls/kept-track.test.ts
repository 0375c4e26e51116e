import { expect, test } from 'vitest'
import { faultsOfTrack } from './kept-track.ts'

const everyMs = 20
const frames = ['a', 'b', 'c', 'd', 'e'].map((hash, index) => ({ hash, atMs: index * everyMs }))
const sent = 23
/** What is kept of a track whose frames from number 4 on were recorded, without some of them. */
const keptWithout = (...lost: number[]) =>
  Array.from({ length: sent }, (_, index) => ({ hash: frames[index % 5]?.hash ?? '', atMs: index * everyMs }))
    .slice(4)
    .filter((_, index) => !lost.includes(index + 4))

test('all that was sent from some frame on is right', () => {
  expect(faultsOfTrack(keptWithout(), frames, sent, everyMs)).toEqual([])
})

test('a frame that is lost is told, and so are as many as there are different ones', () => {
  expect(faultsOfTrack(keptWithout(10), frames, sent, everyMs)).toEqual([
    'frame 6 of 18 does not follow on the one before',
    'frame 6 of 18 comes 40 ms after the one before',
  ])
  expect(faultsOfTrack(keptWithout(10, 11, 12, 13, 14), frames, sent, everyMs)).toEqual([
    'frame 6 of 14 comes 120 ms after the one before',
  ])
})

test('frames that are lost at the end are told', () => {
  expect(faultsOfTrack(keptWithout(21, 22), frames, sent, everyMs)).toEqual([
    '2 frames are missing at the end',
  ])
})

test('a track of which nothing is kept, or more than was sent, is wrong', () => {
  expect(faultsOfTrack([], frames, sent, everyMs)).toHaveLength(1)
  expect(faultsOfTrack(keptWithout(), frames, 3, everyMs)).toHaveLength(1)
})
