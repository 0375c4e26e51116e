import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEventParser } from './server-sent-events.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** What a stream says when it comes in these pieces. */
function parse(...pieces: Uint8Array[]) {
  const parser = createEventParser()
  return { events: pieces.flatMap((piece) => parser.push(piece)), lastEventId: parser.lastEventId }
}

/** A stream cut at places between 0 and 1. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  )
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

/** Text of one line, with what a parser may trip over. */
const text = fc
  .array(fc.constantFrom('a', ' ', ':', '\0', '\ufeff', 'é', '€', '🎥', '\u2028', 'data', 'id'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('data', 'id', 'event', 'retry', 'Data', 'other'), text)
    .map(([name, value]) => `${name}: ${value}`),
  fc.tuple(fc.constantFrom('data', 'id', 'event'), text).map(([name, value]) => `${name}:${value}`),
  fc.constantFrom('data', 'id', 'event', ':', ': comment', '', ''),
)
const lineBreak = fc.constantFrom('\n', '\r', '\r\n')

test('however the bytes are cut, the events are the same', () => {
  const stream = fc.record({
    lines: fc.array(fc.tuple(line, lineBreak), { maxLength: 12 }),
    hasMark: fc.boolean(),
    places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
  })
  fc.assert(
    fc.property(stream, ({ lines, hasMark, places }) => {
      const whole = bytesOf((hasMark ? '\ufeff' : '') + lines.flat().join(''))
      expect(parse(...cut(whole, places))).toEqual(parse(whole))
      expect(parse(...Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(parse(whole))
    }),
    { numRuns: 5000 },
  )
})

test('every kind of line break means the same', () => {
  const blocks = fc.array(
    fc.array(
      line.filter((one) => one !== ''),
      { minLength: 1, maxLength: 4 },
    ),
    { maxLength: 4 },
  )
  fc.assert(
    fc.property(blocks, (some) => {
      const withBreak = (lineBreak: string) =>
        parse(bytesOf(some.map((lines) => [...lines, '', ''].join(lineBreak)).join('')))
      expect(withBreak('\r')).toEqual(withBreak('\n'))
      expect(withBreak('\r\n')).toEqual(withBreak('\n'))
    }),
    { numRuns: 1000 },
  )
})

const message = (data: string, id?: string, type = 'message') => ({ id, type, data })

test.each<[string, string, ReturnType<typeof message>[]]>([
  ['an event is what stands before an empty line', 'data: a\n\ndata: b\n', [message('a')]],
  ['data of several lines is joined by line feeds', 'data: a\ndata:\ndata: b\n\n', [message('a\n\nb')]],
  ['a field without a colon is empty', 'data\n\n', [message('')]],
  [
    'one space after the colon is left out, a second is not',
    'data:a\n\ndata:  b\n\n',
    [message('a'), message(' b')],
  ],
  ['without data there is no event', 'event: a\n\ndata: b\n\n', [message('b')]],
  [
    'a type holds for one event',
    'event: a\ndata: b\n\ndata: c\n\n',
    [message('b', undefined, 'a'), message('c')],
  ],
  [
    'an id holds until the next',
    'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
    [message('a', '1'), message('b', '1'), message('c', '')],
  ],
  ['an id with a NUL is not taken', 'id: 1\nid: 2\0\ndata: a\n\n', [message('a', '1')]],
  ['comments and unknown fields are nothing', ': data: a\nother: b\nDATA: c\ndata: d\n\n', [message('d')]],
  ['a byte order mark at the beginning is left out', '\ufeffdata: a\n\n', [message('a')]],
  ['a second one is part of a name', '\ufeff\ufeffdata: a\n\n', []],
  ['a CR and two LF are two line breaks', 'data: a\r\n\n', [message('a')]],
])('%s', (_, stream, events) => {
  expect(parse(bytesOf(stream)).events).toEqual(events)
  expect(parse(...Array.from(bytesOf(stream), (byte) => Uint8Array.of(byte))).events).toEqual(events)
})

test('the place to go on from is told without an event too, but never before the event is whole', () => {
  const parser = createEventParser()
  parser.push(bytesOf('retry: 2000\nid: 7\n'))
  expect(parser.lastEventId).toBeUndefined()
  expect(parser.push(bytesOf('\n'))).toEqual([])
  expect(parser.lastEventId).toBe('7')
  parser.push(bytesOf('id: 8\ndata: a\n'))
  expect(parser.lastEventId).toBe('7')
  expect(parser.push(bytesOf('\n'))).toEqual([message('a', '8')])
  expect(parser.lastEventId).toBe('8')
})
