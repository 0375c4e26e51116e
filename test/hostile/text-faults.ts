import fc from 'fast-check'
import type { DocumentedOperation, Schema } from './document.ts'
import type { Draft, Fault } from './drafts.ts'

const bracketed = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
const opened = (levels: number) => '{"a":'.repeat(levels)

/** Bodies that no operation takes, whatever its schema. */
const bodies: [what: string, text: string | Buffer][] = [
  ...['[]', '[{}]', '"text"', '5', 'true', 'null', '""'].map((text): [string, string] => [
    `the body ${text}`,
    text,
  ]),
  ['33 arrays deep', bracketed(33)],
  ['10,000 arrays deep', bracketed(10_000)],
  ['40,000 objects deep and not closed', opened(40_000)],
  ['300 KiB of spaces', Buffer.alloc(300 * 1024, ' ')],
  ['300 KiB of text', Buffer.alloc(300 * 1024, 'x')],
  ['200,000 keys’ worth of commas', `{${','.repeat(200_000)}}`],
  ['UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
  ['comments', '{/* */}'],
  ['single quotes', "{'a':1}"],
  ['two values', '{}{}'],
  ['NaN', '{"a":NaN}'],
  ['a form', 'roomId=a&userId=b'],
]

/** Pieces of JSON text that are refused inside a string. */
const insertions: [what: string, bytes: Buffer][] = [
  ['escaped NUL', Buffer.from('\\u0000')],
  ['raw NUL', Buffer.from([0])],
  ['raw line feed', Buffer.from('\n')],
  ['escaped lone high surrogate', Buffer.from('\\ud800')],
  ['escaped lone low surrogate', Buffer.from('\\uDFFFx')],
  ['escaped surrogates in the wrong order', Buffer.from('\\udc00\\ud800')],
  ['raw surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ['byte that UTF-8 has not', Buffer.from([0xff])],
  ['overlong slash', Buffer.from([0xc0, 0xaf])],
  ['cut character', Buffer.from([0xe2, 0x82])],
  ['unknown escape', Buffer.from('\\x41')],
  ['cut escape', Buffer.from('\\u12')],
]

const mediaTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/json',
  'application/jsonx',
  'application/problem+json',
  'application/xml',
  'json',
  '/',
]

/** Faults in the text of a body: what is sent is no JSON, or JSON that parsers read differently. */
export function textFaults({ body }: DocumentedOperation): fc.Arbitrary<Fault>[] {
  const whole = fc
    .constantFrom(...bodies)
    .map(([what, text]): Fault => ({ what, apply: (draft) => ({ ...draft, bytes: Buffer.from(text) }) }))
  if (!body) return [whole]
  const free = freeProperty(body.schema)
  const deep = fc
    .constantFrom(...deepMembers)
    .map(([what, text]) =>
      writing(what, free ?? '', { a: { b: { [mark]: 1 } } }, `"${mark}":1`, Buffer.from(text)),
    )
  return [
    ...(free ? [deep] : []),
    whole,
    fc.nat().map((at) => rewriting('truncated JSON', (text) => text.subarray(0, at % text.length))),
    fc
      .constantFrom(' x', '}', ',', '\0', '{}', '//')
      .map((tail) => rewriting('trailing garbage', (text) => Buffer.concat([text, Buffer.from(tail)]))),
    fc.constantFrom(...insertions).map(([what, bytes]) => inserting(what, bytes, body.schema)),
    fc.constantFrom(...repeatedKeys).map(([what, head]) => rewriting(what, (text) => withHead(text, head))),
    fc.constantFrom(...mediaTypes).map((mediaType) => ({
      what: `the media type ${mediaType}`,
      apply: (draft) => ({ ...draft, headers: { ...draft.headers, 'content-type': mediaType } }),
    })),
  ]
}

const rewriting = (what: string, rewrite: (text: Buffer) => Buffer): Fault => ({
  what,
  apply: (draft) => ({ ...draft, bytes: rewrite(Buffer.from(JSON.stringify(draft.json))) }),
})

const repeatedKeys: [what: string, head: (key: string) => string][] = [
  ['a repeated key', (key) => `"${key}":"x",`],
  ['a repeated key, once escaped', (key) => `"${escaped(key)}":"x",`],
  ['a repeated key with space around', (key) => ` "${key}" : {"${key}": 1} ,`],
  ['__proto__', () => '"__proto__":{"role":"host"},'],
  ['__proto__, escaped', () => '"\\u005f_proto__":{"role":"host"},'],
]

function withHead(text: Buffer, head: (key: string) => string): Buffer {
  const key = Object.keys(JSON.parse(text.toString()) as object)[0] ?? ''
  return Buffer.concat([Buffer.from(`{${head(key)}`), text.subarray(1)])
}

const escaped = (key: string) => `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}`

/** Members of an object four levels deep that are refused where any JSON is welcome. */
const deepMembers: [what: string, text: string][] = [
  ['a deep __proto__', '"__proto__":{"role":"host"}'],
  ['a deep __proto__, escaped', '"\\u005f\\u005fproto__":1'],
  ['a deep repeated key', '"a":1,"b":2,"a":1'],
  ['a deep repeated key, once escaped', '"a":1,"\\u0061":1'],
  ['a key with a NUL', '"a\\u0000":1'],
  ['33 levels', `"a":${bracketed(29)}`],
]

/** Puts bytes into a text of the body: into the deepest one that the schema leaves free, if there is one. */
function inserting(what: string, bytes: Buffer, schema: Schema): Fault {
  const free = freeProperty(schema)
  if (free) return writing(what, free, { a: { b: [mark] } }, mark, bytes)
  const [name = ''] =
    Object.entries(schema.properties ?? {}).find(([, part]) => part.type === 'string' && !part.enum) ?? []
  return writing(what, name, mark, mark, bytes)
}

const mark = 'INSERTION'

/** The property of a body that any JSON object may stand in. */
const freeProperty = ({ properties = {} }: Schema) =>
  Object.entries(properties).find(([, part]) => part.type === 'object' && !part.properties)?.[0]

/** Gives a property a value, and puts bytes in the place of a piece of its text. */
function writing(what: string, name: string, value: unknown, piece: string, bytes: Buffer): Fault {
  return {
    what,
    apply: (draft: Draft) => {
      const [before = '', after = ''] = JSON.stringify({ ...draft.json, [name]: value }).split(piece)
      return { ...draft, bytes: Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]) }
    },
  }
}
