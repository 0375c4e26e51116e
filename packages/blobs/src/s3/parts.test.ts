import { expect, test } from 'vitest'
import { partSizeFor } from './parts.ts'

const mebibyte = 1 << 20

test('parts are as large as wanted while they are no more than S3 takes', () => {
  expect(partSizeFor(100 * mebibyte, 8 * mebibyte)).toBe(8 * mebibyte)
  expect(partSizeFor(80_000 * mebibyte, 8 * mebibyte)).toBe(8 * mebibyte)
})

test('parts of a larger file are larger, in whole mebibytes', () => {
  const sizeBytes = 80_000 * mebibyte + 1
  expect(partSizeFor(sizeBytes, 8 * mebibyte)).toBe(9 * mebibyte)
  expect(Math.ceil(sizeBytes / (9 * mebibyte))).toBeLessThanOrEqual(10_000)
})
