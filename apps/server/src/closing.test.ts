import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createClosing } from './closing.ts'

const log = pino({ level: 'silent' })

test('parts close in reverse, once, however often it is asked for', async () => {
  const closed: string[] = []
  const closing = createClosing(log)
  closing.add('first', async () => closed.push('first'))
  closing.add('second', async () => closed.push('second'))
  expect(closing.draining).toBe(false)
  await Promise.all([closing.close(), closing.close()])
  expect(closing.draining).toBe(true)
  expect(closed).toEqual(['second', 'first'])
})

test('a part that fails or hangs does not hold up the rest', async () => {
  const closed: string[] = []
  const closing = createClosing(log)
  closing.add('last', async () => closed.push('last'))
  closing.add('hanging', () => new Promise(() => {}), 20)
  closing.add('failing', () => Promise.reject(new Error('no')))
  await closing.close()
  expect(closed).toEqual(['last'])
})
