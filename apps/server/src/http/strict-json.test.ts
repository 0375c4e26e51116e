import { expect, test } from 'vitest'
import { parseStrictJson } from './strict-json.ts'

const read = (text: string) => parseStrictJson(Buffer.from(text))
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test.each([
  '{"a":[{"a":1},{"a":2}],"b":{"a":"}{\\"a\\":"}}',
  '[]',
  'null',
  '"a"',
  '5',
  deep(32),
  '{"a":"\\u00e9😀"}',
])('%s is read as JSON.parse reads it', (text) => expect(read(text)).toEqual(JSON.parse(text)))

test('an empty body is undefined', () => expect(read('')).toBeUndefined())

test.each([
  ['{"a":1,"a":2}', 'repeats a key'],
  ['{"a":1,"\\u0061":2}', 'repeats a key'],
  ['{"x":{"a":1 , "a" : 2}}', 'repeats a key'],
  ['{"__proto__":{}}', '__proto__'],
  ['{"x":[{"__proto__":1}]}', '__proto__'],
  [deep(33), 'nested deeper'],
  [deep(10_000), 'nested deeper'],
  ['{"a":"\\u0000"}', 'NUL'],
  ['{"a":"\\ud800"}', 'surrogate'],
  ['{"\\udc00":1}', 'surrogate'],
  ['{"a":', 'not JSON'],
  ['{"a":1} x', 'not JSON'],
  ["{'a':1}", 'not JSON'],
])('%s is refused', (text, reason) => expect(() => read(text.slice(0))).toThrow(reason))

test('bytes that are not UTF-8 are refused', () => {
  expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('UTF-8')
})
