import { expect, it } from 'vitest'
import { eventually } from './eventually.ts'

it('gives what the probe returns once it neither throws nor is false', async () => {
  const answers = [() => false, () => Promise.reject(new Error('not yet')), () => 0]
  const probe = async () => answers.shift()?.()
  await expect(eventually(probe, { intervalMs: 1 })).resolves.toBe(0)
  expect(answers).toEqual([])
})

it('says what was waited for and what went wrong last when time runs out', async () => {
  const failure = new Error('nobody answers')
  const waiting = eventually(() => Promise.reject(failure), {
    timeoutMs: 20,
    intervalMs: 5,
    message: 'an answer',
  })
  await expect(waiting).rejects.toThrow(
    /an answer did not come true within 20 ms \(\d tries\): nobody answers/,
  )
  await expect(waiting).rejects.toHaveProperty('cause', failure)
})

it('gives up a probe that never settles', async () => {
  const waiting = eventually(() => new Promise(() => {}), { timeoutMs: 20 })
  await expect(waiting).rejects.toThrow('did not come true within 20 ms')
})
