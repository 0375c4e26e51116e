import { expect, test } from 'vitest'
import { isDatabaseAway } from './away.ts'

const withCode = (code: string) => Object.assign(new Error('x'), { code })

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  '57P01',
  '08006',
  '53300',
  '57014',
  '25006',
])('%s means that the database is away', (code) => expect(isDatabaseAway(withCode(code))).toBe(true))

test.each([
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Connection terminated unexpectedly',
])('"%s" of pg means that the database is away', (message) =>
  expect(isDatabaseAway(new Error(message))).toBe(true),
)

test.each([withCode('23505'), withCode('42601'), new TypeError('timeout of nothing'), 'timeout', undefined])(
  '%s means something else',
  (error) => expect(isDatabaseAway(error)).toBe(false),
)
