import type { RawCase } from './raw-case.ts'
import { chunkedCoding, contentLength, health, json, keyMark, post, raw } from './raw-requests.ts'

const answered = (...statuses: number[]) => ({ statuses, closes: false }) as const
const closing = (...statuses: number[]) => ({ statuses, closes: true }) as const

const mediaTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'text/json',
]

/** Requests that are too large, or that say about themselves what we do not take. */
export const limits: RawCase[] = [
  { name: 'a header of 20 kB', send: health(`A: ${'a'.repeat(20_000)}`), ...answered(431) },
  { name: 'headers of 200 kB', send: health(`A: ${'a'.repeat(200_000)}`), ...closing(431) },
  { name: '5,000 headers', send: health(...Array<string>(5000).fill('a:')), ...closing(431) },
  {
    name: 'an address of 9 kB',
    send: raw('GET', `/v1/rooms/${'a'.repeat(9000)}`, [keyMark]),
    ...answered(414),
  },
  {
    name: 'a query of 9 kB',
    send: raw('GET', `/v1/rooms?cursor=${'a'.repeat(9000)}`, [keyMark]),
    ...answered(414),
  },
  { name: 'an announced body of 300 kB', send: post([json, contentLength(300_000)], ''), ...closing(413) },
  {
    name: 'a body of 300 kB',
    send: post([json, contentLength(300_000)], 'a'.repeat(300_000)),
    ...closing(413),
  },
  {
    name: 'chunks of 300 kB together',
    send: post([json, chunkedCoding], `1000\r\n${'a'.repeat(4096)}\r\n`.repeat(75)),
    ...closing(413),
  },
  {
    name: 'a large trailer',
    send: post([json, chunkedCoding], `0\r\nA: ${'a'.repeat(200_000)}\r\n\r\n`),
    ...closing(431),
  },
  ...mediaTypes.map((type) => ({
    name: type,
    send: post([`Content-Type: ${type}`, contentLength()]),
    ...closing(415),
  })),
  { name: 'a packed body', send: post([json, 'Content-Encoding: gzip', contentLength()]), ...answered(415) },
  { name: 'another expectation', send: post([json, 'Expect: 200-ok', contentLength()]), ...closing(417) },
  {
    name: 'an expectation to go on',
    send: post([json, 'Expect: 100-continue', contentLength()]),
    ...answered(100, 200),
  },
]
