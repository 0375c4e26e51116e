import { expect, test } from 'vitest'
import { document } from './document.ts'

/** Every regular expression of the document. */
function patternsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(patternsOf)
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === 'pattern' && typeof value === 'string') return [value]
    return [...(key === 'patternProperties' ? Object.keys(value as object) : []), ...patternsOf(value)]
  })
}

const patterns = [...new Set(patternsOf(document))]
const length = 50_000

/** Long texts that nearly match: repeated pieces of what the pattern names, with a last character that it does not. */
function nearMatches(pattern: string): string[] {
  const words = pattern.match(/[A-Za-z0-9_.-]+/g) ?? []
  const pieces = new Set([
    ...words,
    ...words.flatMap((word) => [...word]),
    'a',
    '0',
    '-',
    '.',
    ' ',
    '\n',
    '😀',
    'a-',
    'aA0',
  ])
  return [...pieces].flatMap((piece) => {
    const text = piece.repeat(Math.ceil(length / piece.length))
    return [text, `${text}\u0000`, `${text}!`, `${text}\n`, `!${text}`]
  })
}

test('there are patterns to judge', () => expect(patterns.length).toBeGreaterThan(3))

test.each(patterns)('%j answers any text of 50 kB in a blink', (pattern) => {
  const expression = new RegExp(pattern, 'u')
  for (const text of nearMatches(pattern)) {
    const startedAt = performance.now()
    expression.test(text)
    expect(performance.now() - startedAt, JSON.stringify(text.slice(0, 20))).toBeLessThan(50)
  }
})
