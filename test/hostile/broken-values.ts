import fc from 'fast-check'
import { accepts } from './conformance.ts'
import type { Schema } from './document.ts'

const ofEveryType: unknown[] = [null, true, false, 0, 1, -1, 1.5, 1e300, '', '5', 'true', [], [[]], {}, ['a']]
const oddTexts = [
  '',
  '.',
  '..',
  ' ',
  '\n',
  'a\r\nb',
  '\u007f',
  'a\u0085',
  '\u001b[31m',
  '../../etc',
  'ü',
  '%',
]

/** Values that break a schema: of another type, outside its bounds, against its pattern, or not in its list. */
export function brokenValues(schema: Schema): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 0, maxLength } = schema
  return fc
    .oneof(
      fc.constantFrom(...ofEveryType),
      fc.constantFrom(...oddTexts, ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)])),
      fc.constantFrom(minimum - 1, maximum + 1, maximum + 0.5, 2 ** 53, -(2 ** 53)),
      fc.jsonValue(),
      fc.string({ unit: 'binary-ascii' }),
    )
    .filter((value) => !accepts(schema, value))
}

/** The same for a place that can only hold text, such as a query parameter. */
export function brokenTexts(schema: Schema): fc.Arbitrary<string> {
  if (schema.type === 'integer') return brokenNumbers(schema)
  return brokenValues(schema).filter((value) => typeof value === 'string')
}

/** Texts that some parser reads as a number, and we do not. */
function brokenNumbers({ minimum = 0, maximum = 0 }: Schema): fc.Arbitrary<string> {
  const odd = ['', ' ', ' 5', '5 ', '+5', '05', '-0', '5.0', '5.', '1e1', '0x10', '0b1', '1_0', '１', '٣']
  const words = ['null', 'NaN', 'Infinity', 'true', 'undefined', '[]', '5,6', '5;6', '9'.repeat(20)]
  return fc.oneof(
    fc.constantFrom(...odd, ...words, String(minimum - 1), String(maximum + 1)),
    fc.integer({ min: maximum + 1 }).map(String),
    fc.integer({ max: minimum - 1 }).map(String),
    fc.string().filter((text) => !/^-?\d+$/.test(text)),
  )
}
