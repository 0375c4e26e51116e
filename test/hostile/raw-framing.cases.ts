import type { RawCase } from './raw-case.ts'
import { chunkedCoding, contentLength, health, json, post, postChunk, tokenBody } from './raw-requests.ts'

const refused = { statuses: [400], closes: true } as const
const chunked = `${tokenBody.length.toString(16)}\r\n${tokenBody}\r\n0\r\n\r\n`

const lengths = ['5, 5', '+5', '-1', '0x10', '5 5', '1e1', '', '5;', '\x0b5', '99999999999999999999']

const codings = [
  'xchunked',
  'chunked, identity',
  'identity',
  'chunked, chunked',
  'gzip, chunked',
  'chunked\x0b',
  '"chunked"',
  'chunked;q=1',
  'chunked,',
  '\0chunked',
  '',
]

const chunkSizes = [
  'zz',
  '-1',
  '+5',
  '0x5',
  '',
  ' 5',
  '5 5',
  'FFFFFFFFFFFFFFFFF',
  '5\n',
  `5;${'x'.repeat(20_000)}`,
  '5;a\nb',
]

/** Requests whose end two parsers see in two places: none may be answered as if it were good. */
export const framing: RawCase[] = [
  { name: 'length, then chunked', send: post([json, contentLength(5), chunkedCoding], chunked), ...refused },
  { name: 'chunked, then length', send: post([json, chunkedCoding, contentLength(5)], chunked), ...refused },
  { name: 'two lengths', send: post([json, contentLength(), contentLength(5)]), ...refused },
  { name: 'one length twice', send: post([json, contentLength(), contentLength()]), ...refused },
  {
    name: 'space before the colon of length',
    send: post([json, `Content-Length : ${tokenBody.length}`]),
    ...refused,
  },
  {
    name: 'space before the colon of coding',
    send: post([json, 'Transfer-Encoding : chunked'], chunked),
    ...refused,
  },
  { name: 'folded coding', send: post([json, 'Transfer-Encoding:\r\n chunked'], chunked), ...refused },
  { name: 'chunked twice', send: post([json, chunkedCoding, chunkedCoding], chunked), ...refused },
  ...lengths.map((value) => ({
    name: `the length ${JSON.stringify(value)}`,
    send: post([json, contentLength(value)]),
    ...refused,
  })),
  ...codings.map((value) => ({
    name: `the coding ${JSON.stringify(value)}`,
    send: post([json, `Transfer-Encoding: ${value}`], chunked),
    ...refused,
  })),
  ...chunkSizes.map((size) => ({
    name: `the chunk size ${JSON.stringify(size.slice(0, 20))}`,
    send: postChunk(size),
    ...refused,
  })),
  { name: 'no line end after a chunk', send: postChunk(undefined, '0\r\n\r\n'), ...refused },
  { name: 'no last chunk before the end', send: postChunk(undefined, '\r\n'), ends: true, ...refused },
  { name: 'the end in the body', send: post([json, contentLength(500)]), ends: true, ...refused },
  {
    name: 'an upper case coding',
    send: post([json, 'Transfer-Encoding: CHUNKED'], chunked),
    statuses: [200],
    closes: false,
  },
  {
    name: 'a small chunk extension',
    send: postChunk(`${tokenBody.length.toString(16)};a=b`),
    statuses: [200],
    closes: false,
  },
  {
    name: 'a GET with a body and another GET',
    send: `${health(contentLength(5))}hello${health()}`,
    statuses: [200, 200],
    closes: false,
  },
  {
    name: 'a good one, then a broken chunk: each gets its own answer',
    send: `${health()}${postChunk('zz')}`,
    statuses: [200, 400],
    closes: true,
  },
  {
    name: 'a refused body, whose rest is not a request',
    send: post([json, contentLength(300_000)], health()),
    statuses: [413],
    closes: true,
  },
]
