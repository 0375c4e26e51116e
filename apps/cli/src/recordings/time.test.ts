import { expect, test } from 'vitest'
import { placeMs, placeText, readPlaceMs } from './time.ts'

test.each([
  ['0', 0],
  ['90', 90_000],
  ['5400.5', 5_400_500],
  ['0:07', 7_000],
  ['1:30', 90_000],
  ['1:30.25', 90_250],
  ['12:00', 720_000],
  ['1:02:03', 3_723_000],
  ['10:00:00.001', 36_000_001],
])('%o is a place in a recording', (text, ms) => expect(placeMs(text)).toBe(ms))

test.each([
  '',
  '-1',
  '1:',
  ':30',
  '1:3',
  '1:60',
  '1:75',
  '1:60:00',
  '1:2:3',
  '1:2:3:4',
  '90s',
  '1e3',
  '1,5',
  ' 1',
])('%o is none, and the refusal says what is', (text) => {
  expect(placeMs(text)).toBeUndefined()
  expect(() => readPlaceMs(text)).toThrow('seconds, m:ss or h:mm:ss')
})

test.each([
  [0, '0:00'],
  [7_999, '0:07'],
  [90_000, '1:30'],
  [3_599_999, '59:59'],
  [3_723_000, '1:02:03'],
])('%i ms are shown as %o', (ms, text) => expect(placeText(ms)).toBe(text))
