import { expect, test } from 'vitest'
import { createKeyFrameRequests } from './key-frame-requests.ts'

/** When it asks, of a time looked at every 20 ms. */
function timesAsked(
  requests: ReturnType<typeof createKeyFrameRequests>,
  fromMs: number,
  toMs: number,
): number[] {
  const times: number[] = []
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 20) if (requests.isDue(nowMs)) times.push(nowMs)
  return times
}

test('a key frame is asked for at once, and again, ever more seldom, until it has come', () => {
  const requests = createKeyFrameRequests()
  expect(timesAsked(requests, 0, 1_000)).toEqual([])
  requests.need()
  expect(timesAsked(requests, 1_000, 6_000)).toEqual([1_000, 1_500, 2_500, 4_500])
  requests.settle()
  expect(timesAsked(requests, 6_000, 60_000)).toEqual([])
})

test('it is asked for no more than twice a second, however often it is needed', () => {
  const requests = createKeyFrameRequests()
  const times: number[] = []
  for (let nowMs = 0; nowMs < 10_000; nowMs += 20) {
    requests.settle()
    requests.need()
    if (requests.isDue(nowMs)) times.push(nowMs)
  }
  expect(times.length).toBe(20)
})

test('where none ever comes, asking ends', () => {
  const requests = createKeyFrameRequests()
  let asked = 0
  for (let nowMs = 0; nowMs < 600_000; nowMs += 20) {
    requests.need()
    if (requests.isDue(nowMs)) asked++
  }
  expect(asked).toBeLessThan(10)
  expect(requests.isNeeded).toBe(false)
})
