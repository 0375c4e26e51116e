import { expect, test } from 'vitest'
import { isKnown, isRangeOfKnown } from './preconditions.ts'

const version = { etag: '"a-1"', modifiedAt: new Date('2026-01-02T03:04:05.678Z') }
const time = 'Fri, 02 Jan 2026 03:04:05 GMT'
const before = 'Fri, 02 Jan 2026 03:04:04 GMT'

test.each([
  [{}, false],
  [{ 'if-none-match': '"a-1"' }, true],
  [{ 'if-none-match': 'W/"a-1"' }, true],
  [{ 'if-none-match': '"b", "a-1"' }, true],
  [{ 'if-none-match': '"b,c","a-1"' }, true],
  [{ 'if-none-match': '*' }, true],
  [{ 'if-none-match': '"b"' }, false],
  [{ 'if-none-match': 'a-1' }, false],
  [{ 'if-modified-since': time }, true],
  [{ 'if-modified-since': before }, false],
  [{ 'if-modified-since': 'yesterday' }, false],
  [{ 'if-none-match': '"b"', 'if-modified-since': time }, false],
])('%o: known is %s', (headers, known) => {
  expect(isKnown(headers, version)).toBe(known)
})

test.each([
  [{}, true],
  [{ 'if-range': '"a-1"' }, true],
  [{ 'if-range': 'W/"a-1"' }, false],
  [{ 'if-range': '"b"' }, false],
  [{ 'if-range': time }, true],
  [{ 'if-range': before }, false],
  [{ 'if-range': 'nonsense' }, false],
])('%o: ranges are of what is known is %s', (headers, ofKnown) => {
  expect(isRangeOfKnown(headers, version)).toBe(ofKnown)
})
