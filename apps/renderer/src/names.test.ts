import { expect, test } from 'vitest'
import { cleanName, fitName, initialsOf } from './names.ts'

test('what moves text out of its line is taken out of a name', () => {
  expect(cleanName('Ann\r\n\u202Eevil\u2066\u0000\u2028 \t Bo\u200B')).toBe('Ann evil Bo')
})

test('a name of any script and an emoji of several people stay whole', () => {
  for (const name of ['Ärne Å', 'Жанна', '漢字', 'नमस्ते', 'مرحبا', '👩‍👩‍👧‍👦 Eve'])
    expect(cleanName(name)).toBe(name)
})

test('half a character and heaped marks do no harm', () => {
  expect(cleanName('a\uD800')).toBe('a\uFFFD')
  expect([...cleanName(`a${'\u0301\u0300'.repeat(200)}b`)].length).toBeLessThan(20)
  expect(cleanName('x'.repeat(100_000))).toHaveLength(100)
})

test('a name that is too wide ends in an ellipsis and fits', () => {
  const measure = (text: string) => [...text].length
  expect(fitName('Ada Lovelace', 12, measure)).toBe('Ada Lovelace')
  expect(fitName('Ada Lovelace', 7, measure)).toBe('Ada Lo…')
  expect(fitName('Ada Lovelace', 5, measure)).toBe('Ada…')
})

test('initials are of the first and the last word', () => {
  expect(initialsOf('ada king lovelace')).toBe('AL')
  expect(initialsOf('жанна')).toBe('Ж')
  expect(initialsOf('')).toBe('')
})
