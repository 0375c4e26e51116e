import { expect, test } from 'vitest'
import { type Retry, retrying, spreadDelayMs } from './retry.ts'

const passing = new Error('passing')
const lasting = new Error('lasting')

/** Fails in these ways, one after the other, and then succeeds. */
function failing(...failures: Error[]) {
  const left = [...failures]
  return async () => {
    const failure = left.shift()
    if (failure) throw failure
    return 'done'
  }
}

function policy(heard: Retry[] = []) {
  return {
    isPassing: (error: unknown) => error === passing,
    delayMs: (failures: number) => failures,
    onRetry: (retry: Retry) => heard.push(retry),
  }
}

test('what passes is tried again, and each time is told', async () => {
  const heard: Retry[] = []
  expect(await retrying(failing(passing, passing), policy(heard))).toBe('done')
  expect(heard).toEqual([
    { error: passing, failures: 1, delayMs: 1 },
    { error: passing, failures: 2, delayMs: 2 },
  ])
})

test('what does not pass is thrown at once', async () => {
  const heard: Retry[] = []
  await expect(retrying(failing(lasting), policy(heard))).rejects.toBe(lasting)
  expect(heard).toEqual([])
})

test('the last of so many tries throws what hindered it', async () => {
  await expect(retrying(failing(passing, passing), policy(), { tries: 2 })).rejects.toBe(passing)
})

test('failures before a step forward do not count', async () => {
  const heard: Retry[] = []
  const fail = failing(passing, passing, passing)
  const work = (progressed: () => void) => {
    progressed()
    return fail()
  }
  expect(await retrying(work, policy(heard), { tries: 2 })).toBe('done')
  expect(heard.map(({ failures }) => failures)).toEqual([1, 1, 1])
})

test('a signal ends a pause, and its reason is what is thrown', async () => {
  const giving = new AbortController()
  const reason = new Error('given up')
  const long = {
    ...policy(),
    delayMs: () => 60_000,
    onRetry: () => queueMicrotask(() => giving.abort(reason)),
  }
  await expect(retrying(failing(passing), long, { signal: giving.signal })).rejects.toBe(reason)
})

test('pauses grow to fifteen seconds and are spread', () => {
  const delays = Array.from({ length: 40 }, (_, index) => spreadDelayMs(index + 1))
  for (const [index, delay] of delays.entries()) {
    const full = Math.min(15_000, 250 * 2 ** index)
    expect(delay).toBeGreaterThanOrEqual(full / 2)
    expect(delay).toBeLessThanOrEqual(full)
  }
})
