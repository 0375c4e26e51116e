import { expect, test } from 'vitest'
import type { TapPacket } from '../packet.ts'
import { createFrameCollector } from './frame-collector.ts'

/**
 * Frames of a codec made up for this: `K` begins a key frame, `d` another, `+` is a part of either, `n` shows nothing, and `!`
 * is never right. A capital letter says that the frame begins here; the small ones do not.
 */
function startTrack() {
  const collector = createFrameCollector({
    startsFrame: (payload) => payload.toString() === 'K',
    assemble(payloads) {
      const data = Buffer.concat(payloads)
      const text = data.toString()
      if (text.includes('!') || text.startsWith('+')) return 'broken'
      return text === 'n' ? 'nothing' : { isKey: text.startsWith('K'), data }
    },
  })
  let sequence = 0
  const push = (payload: string, timestamp: number, marker = true) => {
    const packet: TapPacket = {
      sequence: sequence++,
      timestamp,
      marker,
      payload: Buffer.from(payload),
      capturedAtMs: timestamp,
    }
    return collector.push(packet).map(({ data }) => data.toString())
  }
  return { push, lose: () => void sequence++, gap: collector.gap }
}

test('nothing comes before the first key frame', () => {
  const { push } = startTrack()
  expect([push('d', 0), push('K', 1), push('d', 2)]).toEqual([[], ['K'], ['d']])
})

test('a frame is given out when its last packet comes', () => {
  const { push } = startTrack()
  expect([push('K', 0, false), push('+', 0, false), push('+', 0)]).toEqual([[], [], ['K++']])
})

test('a frame without a mark at its end is given out with the next one', () => {
  const { push } = startTrack()
  expect([push('K', 0, false), push('d', 1), push('d', 2)]).toEqual([[], ['K', 'd'], ['d']])
})

test('a frame of which a packet is missing is never given out, nor what needs it', () => {
  const { push, lose } = startTrack()
  push('K', 0)
  push('d', 1, false)
  lose()
  expect([push('+', 1), push('d', 2), push('K', 3), push('d', 4)]).toEqual([[], [], ['K'], ['d']])
})

test('a key frame right behind a loss counts only where it is sure to be whole', () => {
  const { push, lose } = startTrack()
  push('K', 0)
  lose()
  expect(push('+', 5)).toEqual([])
  lose()
  expect(push('K', 6)).toEqual(['K'])
})

test('a gap that the tap tells of is one, though the numbers go on', () => {
  const { push, gap } = startTrack()
  push('K', 0)
  gap()
  expect([push('d', 1), push('K', 2)]).toEqual([[], ['K']])
})

test('numbers that start anew are a gap', () => {
  const { push, lose } = startTrack()
  push('K', 0)
  for (let count = 0; count < 1000; count++) lose()
  expect([push('d', 1), push('K', 2)]).toEqual([[], ['K']])
})

test('padding and what shows nothing are no loss', () => {
  const { push } = startTrack()
  push('K', 0)
  expect([push('', 0), push('n', 1), push('d', 2)]).toEqual([[], [], ['d']])
})

test('after a malformed frame a key frame is waited for', () => {
  const { push } = startTrack()
  push('K', 0)
  expect([push('d!', 1), push('d', 2), push('K', 3)]).toEqual([[], [], ['K']])
})

test('a frame beyond all measure is given up, and memory with it', () => {
  const { push } = startTrack()
  push('K', 0, false)
  const mebibyte = '+'.repeat(2 ** 20)
  for (let count = 0; count < 40; count++) expect(push(mebibyte, 0, false)).toEqual([])
  expect([push('+', 0), push('d', 1), push('K', 2)]).toEqual([[], [], ['K']])
})
