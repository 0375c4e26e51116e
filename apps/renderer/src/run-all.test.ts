import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { runAll } from './run-all.ts'

const options = () => ({ concurrency: 2, signal: new AbortController().signal, onDone: vi.fn() })

test('a work that fails twice and then succeeds counts as done', async () => {
  const work = vi.fn(async () => {
    if (work.mock.calls.length < 3) throw new Error('not yet')
  })
  const given = options()
  await runAll({ ...given, works: [work] })
  expect(work).toHaveBeenCalledTimes(3)
  expect(given.onDone).toHaveBeenCalledExactlyOnceWith(1)
})

test('after a failure for good nothing new begins, and what runs is waited for', async () => {
  const ended: string[] = []
  const failing = async () => {
    throw new Error('broken')
  }
  const slow = async () => {
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    ended.push('slow')
  }
  const later = vi.fn()
  await expect(runAll({ ...options(), works: [failing, slow, later] })).rejects.toThrow('broken')
  expect(ended).toEqual(['slow'])
  expect(later).not.toHaveBeenCalled()
})

test('no more run at once than are allowed', async () => {
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await setImmediate()
    running--
  }
  await runAll({ ...options(), works: Array.from({ length: 7 }, () => work) })
  expect(most).toBe(2)
})

test('once aborted nothing is tried again', async () => {
  const stop = new AbortController()
  const work = vi.fn(async () => {
    stop.abort()
    throw new Error('killed')
  })
  await expect(runAll({ ...options(), signal: stop.signal, works: [work] })).rejects.toThrow('killed')
  expect(work).toHaveBeenCalledTimes(1)
})
