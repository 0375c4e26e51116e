import { expect, test } from 'vitest'
import { createRateLimiter, rateLimitHeaders } from './rate-limit.ts'

const budget = { name: 'write', perMinute: 60 }

function limiterAt(clock: { ms: number }) {
  return createRateLimiter(() => clock.ms)
}

test('a client may use its whole budget at once, and then one request for each part of it', () => {
  const clock = { ms: 0 }
  const limiter = limiterAt(clock)
  for (let count = 0; count < 60; count++) expect(limiter.take(budget, 'a').allowed).toBe(true)
  expect(limiter.take(budget, 'a')).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 1 })
  clock.ms += 1000
  expect(limiter.take(budget, 'a').allowed).toBe(true)
  expect(limiter.take(budget, 'a').allowed).toBe(false)
})

test('one client’s budget is not another’s', () => {
  const limiter = limiterAt({ ms: 0 })
  for (let count = 0; count < 61; count++) limiter.take(budget, 'a')
  expect(limiter.take(budget, 'b').allowed).toBe(true)
})

test('a budget never grows beyond a minute’s worth', () => {
  const clock = { ms: 0 }
  const limiter = limiterAt(clock)
  limiter.take(budget, 'a')
  clock.ms += 3_600_000
  expect(limiter.take(budget, 'a').remaining).toBe(59)
})

test('the headers say the policy and what is left', () => {
  expect(rateLimitHeaders(budget, { allowed: true, remaining: 7, retryAfterSeconds: 0 })).toEqual({
    'ratelimit-policy': '"write";q=60;w=60',
    ratelimit: '"write";r=7;t=0',
  })
})
