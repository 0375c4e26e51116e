import { expect, test } from 'vitest'
import { useServer } from '../product.ts'

const product = useServer({ RATE_LIMIT_AUTH_FAILURES: '20' })

const rooms = (key: string) => fetch(`${product.server.url}/v1/rooms`, { headers: { 'x-api-key': key } })

test('after twenty refused keys an address is told to wait, and the right key still passes', async () => {
  const statuses: number[] = []
  for (let guess = 0; guess < 20; guess++) statuses.push((await rooms(`guess-${guess}`)).status)
  expect(new Set(statuses)).toEqual(new Set([401]))
  const answer = await rooms('guess-20')
  expect(answer.status).toBe(429)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await answer.json()).toMatchObject({ type: 'https://rtcstack.dev/errors/rate-limited', status: 429 })
  expect((await rooms(product.server.apiSecret)).status).toBe(200)
  expect((await rooms('guess-21')).status).toBe(429)
})
