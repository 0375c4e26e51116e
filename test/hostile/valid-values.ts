import fc from 'fast-check'
import { accepts } from './conformance.ts'
import type { Schema } from './document.ts'

/** What a server must refuse anywhere in JSON, though JSON itself allows it. */
const isPlain = (value: unknown) => !/\\u0000|"__proto__"/.test(JSON.stringify(value))

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)

/** Any JSON object, up to the depth that is allowed below a property of the body. */
const anyObject = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(fc.string(), fc.jsonValue({ stringUnit: 'binary' }), { maxKeys: 5 }),
  },
  { weight: 1, arbitrary: fc.constant(nested(31)) },
)

/** Values that keep to a schema, its bounds among them. */
export function validValues(schema: Schema): fc.Arbitrary<unknown> {
  return candidates(schema).filter((value) => accepts(schema, value) && isPlain(value))
}

function candidates(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.format) return formatted(schema)
  switch (schema.type) {
    case 'string':
      return texts(schema)
    case 'integer': {
      const { minimum: min = -(2 ** 31), maximum: max = 2 ** 31 } = schema
      return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }))
    }
    case 'boolean':
      return fc.boolean()
    case 'array': {
      const { items = {}, minItems: minLength = 0, maxItems: maxLength = 10 } = schema
      return fc.array(validValues(items), { minLength, maxLength })
    }
    case 'object':
      return schema.properties ? objects(schema.properties, schema.required ?? []) : anyObject
    default:
      throw new Error(`values of ${JSON.stringify(schema)} cannot be made yet`)
  }
}

/** What a format allows, its pattern cannot say: times are made, and of others the examples are sure. */
function formatted({ format, examples = [] }: Schema): fc.Arbitrary<unknown> {
  if (format !== 'date-time') return fc.constantFrom(...examples)
  const [min, max] = [new Date('1970-01-01T00:00:00Z'), new Date('2100-01-01T00:00:00Z')]
  return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString())
}

function texts({ minLength = 0, maxLength = 100, pattern, examples = [] }: Schema): fc.Arbitrary<string> {
  const length = { minLength, maxLength: Math.min(maxLength, 300) }
  const bounds = ['x'.repeat(Math.max(1, minLength)), 'x'.repeat(maxLength)]
  if (maxLength <= 1024) bounds.push('😀'.repeat(maxLength))
  const made = [
    fc.string({ unit: 'grapheme-ascii', ...length }),
    fc.string({ unit: 'grapheme', ...length, maxLength: Math.min(maxLength, 40) }),
    fc.string({ unit: 'binary', ...length }),
  ]
  // fast-check makes no texts for lookaheads; those patterns refuse little, so filtering does.
  if (pattern !== undefined && !pattern.includes('(?')) made.push(fc.stringMatching(new RegExp(pattern, 'u')))
  return fc.oneof(
    fc.constantFrom(...(examples as string[]), ...bounds),
    ...made.map((arbitrary) => ({ weight: 3, arbitrary })),
  )
}

function objects(properties: Record<string, Schema>, required: string[]): fc.Arbitrary<unknown> {
  const values = Object.entries(properties).map(([name, part]) => [name, validValues(part)] as const)
  return fc.record(Object.fromEntries(values), { requiredKeys: required, noNullPrototype: true })
}
