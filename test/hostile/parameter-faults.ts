import fc from 'fast-check'
import { brokenTexts } from './broken-values.ts'
import type { DocumentedOperation, Parameter } from './document.ts'
import type { Fault } from './drafts.ts'

/** Not percent-encoded UTF-8, or characters that no name has. */
const oddSegments = [
  '%',
  '%zz',
  '%c3%28',
  '%ed%a0%80',
  '%f5%80%80%80',
  '%c0%ae%c0%ae',
  '%00',
  'a%00',
  'a%0d%0ab',
  '%7f',
  '%c2%85',
  '.',
  '..',
  '%2e%2e',
  'x'.repeat(257),
  'x'.repeat(9000),
  '%F0%9F%98%80'.repeat(257),
]

const strangeNames = [
  'extra',
  '__proto__',
  'constructor',
  'toString',
  'limit[]',
  'a.b',
  '%F0%9F%98%80',
  '%00',
]

/** Faults in the address and the headers of requests to this operation. */
export function parameterFaults(operation: DocumentedOperation): fc.Arbitrary<Fault>[] {
  return [
    fc.constantFrom(...strangeNames).map((name) => withQuery(`unknown parameter ${name}`, [[name, '1']])),
    ...operation.parameters.flatMap((parameter) => {
      if (parameter.in === 'path') return [segmentFaults(parameter)]
      return parameter.in === 'query' ? [queryFaults(parameter)] : [headerFaults(parameter)]
    }),
  ]
}

function segmentFaults({ name, schema }: Parameter): fc.Arbitrary<Fault> {
  const broken = brokenTexts(schema)
    .filter((text) => text !== '')
    .map((text) => encodeURIComponent(text))
  return fc.oneof(fc.constantFrom(...oddSegments), broken).map((text) => ({
    what: `broken ${name} in the path`,
    apply: (draft) => ({ ...draft, segments: { ...draft.segments, [name]: text } }),
  }))
}

function queryFaults({ name, schema }: Parameter): fc.Arbitrary<Fault> {
  const broken = name === 'cursor' ? fc.constantFrom('x', '%', 'bjphYg%3D%3D', 'eA') : fc.constant('%zz')
  return fc.oneof(
    fc
      .oneof(brokenTexts(schema).map(encodeURIComponent), broken)
      .map((text) => withQuery(`broken ${name} in the query`, [[name, text]])),
    fc.constant(
      withQuery(`repeated ${name}`, [
        [name, '1'],
        [name, '1'],
      ]),
    ),
  )
}

function withQuery(what: string, query: [string, string][]): Fault {
  const names = query.map(([name]) => name)
  return {
    what,
    apply: (draft) => ({
      ...draft,
      query: [...draft.query.filter(([name]) => !names.includes(name)), ...query],
    }),
  }
}

function headerFaults({ name }: Parameter): fc.Arbitrary<Fault> {
  return fc.constantFrom('', 'x'.repeat(256), 'a b', 'a\tb', '\u00e9').map((value) => ({
    what: `broken ${name} header`,
    apply: (draft) => ({ ...draft, headers: { ...draft.headers, [name]: value } }),
  }))
}
