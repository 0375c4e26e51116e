import { expect, test } from 'vitest'
import { pageOf } from './page.ts'

const names = ['a', 'b', 'c', 'd', 'e']
const self = (name: string) => name

test('without a limit a list is complete', () => {
  expect(pageOf(names, self, {})).toEqual({ items: names, nextCursor: null })
})

test('pages put together are the list', () => {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = pageOf(names, self, { limit: 2, ...(cursor && { cursor }) })
    seen.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual(names)
})

test('what disappears between two pages hides nothing else', () => {
  const { nextCursor } = pageOf(names, self, { limit: 2 })
  expect(pageOf(['a', 'c', 'd'], self, { limit: 2, cursor: nextCursor as string }).items).toEqual(['c', 'd'])
})

test.each(['x', '%', 'bjphYg=='])('the cursor %s that no page gave is refused', (cursor) => {
  expect(() => pageOf(names, self, { cursor })).toThrow('cursor')
})
