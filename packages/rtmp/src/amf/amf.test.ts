import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.ts'
import { readAmf } from './read.ts'
import { type AmfValue, markers } from './value.ts'
import { writeAmf } from './write.ts'

const values = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.double(),
    fc.boolean(),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('value'), { maxKeys: 4 }),
  ),
})).value

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 3 }), (written) => {
      expect(readAmf(writeAmf(...written))).toEqual(written)
    }),
    { numRuns: 200 },
  )
})

test('an object made of names from outside changes nothing but itself', () => {
  const [object] = readAmf(writeAmf(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')))
  expect(Object.getPrototypeOf(object)).toBeNull()
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test.each<[string, Buffer]>([
  ['nested too deep', Buffer.concat(Array<Buffer>(100_000).fill(Buffer.from([markers.array, 0, 0, 0, 1])))],
  ['too many values', Buffer.alloc(10_000, markers.null)],
  ['too many values', Buffer.from([markers.array, 0xff, 0xff, 0xff, 0xff])],
  ['cut short', Buffer.from([markers.longString, 0xff, 0xff, 0xff, 0xff, 1])],
  ['cut short', Buffer.from([markers.object, 0, 1, 0x61])],
  ['no known kind', Buffer.from([7, 0, 1])],
])('what is %s is refused', (words, bytes) => {
  expect(() => readAmf(bytes)).toThrow(ProtocolError)
  expect(() => readAmf(bytes)).toThrow(words)
})
