import { expect, test } from 'vitest'
import { createBatching } from './batching.ts'

test('look-ups that come together share a query, and those that come while it runs share the next', async () => {
  const batches: string[][] = []
  const running: (() => void)[] = []
  const lookup = createBatching<string, string>((keys) => {
    batches.push(keys)
    return new Promise((resolve) => running.push(() => resolve(keys.map((key) => key.toUpperCase()))))
  })
  const first = [lookup('a'), lookup('b')]
  await Promise.resolve()
  const second = [lookup('c'), lookup('d')]
  running[0]?.()
  expect(await Promise.all(first)).toEqual(['A', 'B'])
  running[1]?.()
  expect(await Promise.all(second)).toEqual(['C', 'D'])
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('a query that fails also fails those that wait, and the next look-up tries again', async () => {
  let failures = 1
  const lookup = createBatching<string, string>(async (keys) => {
    if (failures-- > 0) throw new Error('away')
    return keys
  })
  const results = await Promise.allSettled([lookup('a'), lookup('b')])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
  expect(await lookup('c')).toBe('c')
})
