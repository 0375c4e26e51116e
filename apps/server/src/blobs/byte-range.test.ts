import { expect, test } from 'vitest'
import { readRange } from './byte-range.ts'

const hugeNumber = '9'.repeat(400)

test.each([
  ['bytes=0-0', 0, 1],
  ['bytes=0-499', 0, 500],
  ['bytes=500-999', 500, 1000],
  ['bytes=999-', 999, 1000],
  ['bytes=0-', 0, 1000],
  ['bytes=-1', 999, 1000],
  ['bytes=-1000', 0, 1000],
  ['bytes=-5000', 0, 1000],
  ['bytes=900-5000', 900, 1000],
  [`bytes=900-${hugeNumber}`, 900, 1000],
  [`bytes=-${hugeNumber}`, 0, 1000],
  ['BYTES=1-2', 1, 3],
  ['bytes= 1-2 ', 1, 3],
  ['bytes=,1-2,', 1, 3],
])('%s of 1000 bytes is from %i up to %i', (header, start, end) => {
  expect(readRange(header, 1000)).toEqual({ start, end })
})

test.each([
  [undefined],
  [''],
  ['bytes'],
  ['bytes='],
  ['bytes=-'],
  ['bytes=,'],
  ['bytes=a-b'],
  ['bytes=5-4'],
  ['bytes=1 -2'],
  ['bytes=+1-2'],
  ['bytes=1.0-2'],
  ['bytes=0x1-2'],
  ['bytes=--1'],
  ['bytes=1-2-3'],
  ['bytes=1'],
  ['lines=1-2'],
  ['bytes 1-2'],
  ['bytes=0-1,3-4'],
  ['bytes=0-1,5-4'],
  ['bytes=0-1, -1'],
])('%s says no single range: the whole is sent', (header) => {
  expect(readRange(header, 1000)).toBe('whole')
})

test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0', `bytes=${hugeNumber}-`])(
  '%s is outside of 1000 bytes',
  (header) => expect(readRange(header, 1000)).toBe('unsatisfiable'),
)

test('an empty file has no ranges, and its last bytes are all of it', () => {
  expect(readRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(readRange('bytes=0-0', 0)).toBe('unsatisfiable')
  expect(readRange('bytes=-5', 0)).toBe('whole')
})
