import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

test('so many run at a time, the others follow in their order, and one that fails gives its place free', async () => {
  const inTurn = createGate(2)
  const begun: number[] = []
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const works = ends.map(({ promise }, index) =>
    inTurn(async () => {
      begun.push(index)
      await promise
    }),
  )
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  ends[1]?.reject(new Error('failed'))
  await expect(works[1]).rejects.toThrow('failed')
  await expect.poll(() => begun).toEqual([0, 1, 2])
  for (const { resolve } of ends) resolve()
  await Promise.all([works[0], works[2], works[3]])
  expect(begun).toEqual([0, 1, 2, 3])
})
