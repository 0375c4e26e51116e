import { expect, test } from 'vitest'
import { BlobStoreFullError } from '../errors.ts'
import { explain, isPassing } from './faults.ts'

const answer = (status: number, name: string) =>
  Object.assign(new Error('as the server says'), { name, $metadata: { httpStatusCode: status } })
const network = (code: string) => Object.assign(new Error('as the system says'), { code })

test.each([
  answer(500, 'InternalError'),
  answer(503, 'SlowDown'),
  answer(502, 'Unknown'),
  answer(429, 'TooManyRequests'),
  answer(400, 'XAmzContentSHA256Mismatch'),
  answer(400, 'RequestTimeout'),
  answer(403, 'RequestTimeTooSkewed'),
  network('ECONNREFUSED'),
  network('ECONNRESET'),
  network('ENOTFOUND'),
])('%s passes', (error) => {
  expect(isPassing(error)).toBe(true)
})

test.each([
  answer(403, 'AccessDenied'),
  answer(403, 'SignatureDoesNotMatch'),
  answer(404, 'NoSuchBucket'),
  answer(404, 'NoSuchKey'),
  answer(501, 'NotImplemented'),
  answer(507, 'XMinioStorageFull'),
  network('ENOENT'),
  network('ENOSPC'),
  new Error('of our own'),
])('%s does not pass', (error) => {
  expect(isPassing(error)).toBe(false)
})

test.each([answer(507, 'XMinioStorageFull'), answer(403, 'QuotaExceeded')])('%s is a full store', (error) => {
  expect(explain(error, 'S3 bucket x')).toBeInstanceOf(BlobStoreFullError)
})

test('a fault of another kind stays what it is: of the local disk, of the caller, the reason of a signal', () => {
  const faults = [network('ENOSPC'), new Error('of our own'), new DOMException('too late', 'TimeoutError')]
  for (const fault of faults) expect(explain(fault, 'S3 bucket x')).toBe(fault)
})

test('an answer that nobody foresaw is told with its status, name and text', () => {
  const told = explain(answer(418, 'Teapot'), 'S3 bucket x')
  expect(told).toMatchObject({ message: 'S3 bucket x: as the server says (418 Teapot)', setting: undefined })
})

test('a proxy that has no server behind it is not taken for a wrong endpoint', () => {
  const told = explain(answer(502, 'Unknown'), 'S3 bucket x')
  expect(told).toMatchObject({ message: expect.stringContaining('(502 Unknown)'), setting: undefined })
})
