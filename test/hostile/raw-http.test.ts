import { expect, test } from 'vitest'
import { useServer } from '../product.ts'
import { residentMegabytes } from './memory.ts'
import { checkRawCase } from './raw-case.ts'
import { framing } from './raw-framing.cases.ts'
import { limits } from './raw-limits.cases.ts'
import { syntax } from './raw-syntax.cases.ts'

const product = useServer()
const cases = [...framing, ...syntax, ...limits]

test.each(cases)('$name: $statuses', { timeout: 5000 }, async (one) => {
  await checkRawCase(one, product.server.url, product.server.apiSecret)
})

test('a thousand of these at the same process leave it alive, and no more than 50 MB larger', async () => {
  const { pid, url, apiSecret } = product.server
  const before = await residentMegabytes(pid)
  for (let round = 0; round * cases.length < 1000; round++)
    await Promise.all(cases.map((one) => checkRawCase(one, url, apiSecret)))
  expect(product.server.pid).toBe(pid)
  expect((await residentMegabytes(pid)) - before).toBeLessThan(50)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})
