import type { RawCase } from './raw-case.ts'
import { health, keyMark, raw } from './raw-requests.ts'

const refused = { statuses: [400], closes: true } as const
const answered = (...statuses: number[]) => ({ statuses, closes: false }) as const

const headerLines = [
  'A: b\rc',
  'A: b\0c',
  'A: b\x01c',
  'A b: c',
  ': c',
  'Abc',
  'A: b\r\n c',
  '\xe9: c',
  'A: b\nC: d',
]
const versions = ['HTTP/1.2', 'HTTP/9.9', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1.1x', 'HTTP/1.', '']
const methods = ['get', 'FOO', 'G@T', '', 'GET\t', ' GET', 'GET\0']
const targets = ['localhost:80', '/v1/he alth', '/v1/\0', '/v1/\xe9', '', '?']
const hosts = ['Host: a b', 'Host: a/b', 'Host: u@a', 'Host: a"<b>', 'Host: a:b', 'Host: a\r\nHost: a']

/** Requests that are no HTTP/1.1, and some that only look so. */
export const syntax: RawCase[] = [
  { name: 'line feeds alone', send: 'GET /v1/health HTTP/1.1\nHost: a\n\n', ...refused },
  { name: 'carriage returns alone', send: 'GET /v1/health HTTP/1.1\rHost: a\r\r', ...refused },
  { name: 'a fold as the first header', send: 'GET /v1/health HTTP/1.1\r\n Host: a\r\n\r\n', ...refused },
  ...headerLines.map((line) => ({
    name: `the header ${JSON.stringify(line)}`,
    send: health(line),
    ...refused,
  })),
  ...versions.map((version) => ({
    name: `the version ${JSON.stringify(version)}`,
    send: `GET /v1/health ${version}\r\nHost: a\r\n\r\n`,
    ...refused,
  })),
  { name: 'HTTP/0.9', send: 'GET /v1/health\r\n\r\n', ...refused },
  { name: 'the preface of HTTP/2', send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...refused },
  { name: 'a TLS hello', send: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', ...refused },
  ...methods.map((method) => ({
    name: `the method ${JSON.stringify(method)}`,
    send: raw(method, '/v1/health'),
    ...refused,
  })),
  { name: 'TRACE', send: raw('TRACE', '/v1/health'), ...answered(405) },
  { name: 'PROPFIND', send: raw('PROPFIND', '/v1/health'), ...answered(405) },
  { name: 'CONNECT', send: raw('CONNECT', 'localhost:80'), statuses: [], closes: true },
  { name: 'OPTIONS of the server', send: raw('OPTIONS', '*'), ...answered(404) },
  ...targets.map((target) => ({
    name: `the target ${JSON.stringify(target)}`,
    send: raw('GET', target),
    ...refused,
  })),
  { name: 'an absolute target', send: raw('GET', 'http://localhost/v1/health'), ...answered(200) },
  { name: 'an absolute target, unknown', send: raw('GET', 'http://localhost/nothing'), ...answered(404) },
  {
    name: 'an absolute target, wrong method',
    send: raw('DELETE', 'http://localhost/v1/health'),
    ...answered(405),
  },
  { name: 'a fragment', send: raw('GET', '/v1/health#a'), ...answered(400) },
  { name: 'two slashes', send: raw('GET', '//v1/health'), ...answered(404) },
  { name: 'a way up', send: raw('GET', '/v1/x/../health'), ...answered(404) },
  { name: 'an encoded way up', send: raw('GET', '/v1/rooms/..%2f..%2fetc', [keyMark]), ...answered(404) },
  { name: 'no Host', send: 'GET /v1/health HTTP/1.1\r\n\r\n', ...refused },
  ...hosts.map((host) => ({
    name: JSON.stringify(host),
    send: `GET /v1/health HTTP/1.1\r\n${host}\r\n\r\n`,
    ...refused,
  })),
  { name: 'HTTP/1.0 without Host', send: 'GET /v1/health HTTP/1.0\r\n\r\n', statuses: [200], closes: true },
  { name: 'empty lines before', send: `\r\n\r\n${health()}`, ...answered(200) },
  { name: 'three at once', send: health() + health() + health(), ...answered(200, 200, 200) },
  {
    name: 'garbage after a good one',
    send: `${health()}garbage\r\n\r\n`,
    statuses: [200, 400],
    closes: true,
  },
  { name: 'an end in the headers', send: 'GET /v1/health HTTP/1.1\r\nHo', ends: true, ...refused },
  { name: 'an end at once', send: '', ends: true, statuses: [], closes: true },
  { name: 'an end after a good one', send: health(), ends: true, statuses: [200], closes: true },
  { name: 'a wish to close', send: health('Connection: close'), statuses: [200], closes: true },
]
