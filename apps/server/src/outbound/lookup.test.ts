import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { type LookupAll, shareLookups } from './lookup.ts'
import { createOutbound } from './outbound.ts'
import { publicAddress } from './testing/hostile-addresses.ts'
import { watchConnections } from './testing/watch-connections.ts'

const parcel = { headers: {}, body: '{}' }

/** A name server whose answers come when the test says so. */
function slowNames() {
  const asked: string[] = []
  const callbacks: Parameters<LookupAll>[1][] = []
  return {
    asked,
    lookup: ((name, callback) => {
      asked.push(name)
      callbacks.push(callback)
    }) as LookupAll,
    answer(...addresses: string[]) {
      for (const callback of callbacks.splice(0))
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )
    },
  }
}

test('who asks for a name that is being looked up gets that answer', () => {
  const names = slowNames()
  const lookup = shareLookups(names.lookup)
  const answers: LookupAddress[][] = []
  for (let count = 0; count < 3; count++) lookup('a.example', (_error, addresses) => answers.push(addresses))
  names.answer(publicAddress)
  expect(names.asked).toEqual(['a.example'])
  expect(answers.map(([first]) => first?.address)).toEqual([publicAddress, publicAddress, publicAddress])
})

test('who asks later has it looked up anew, and a failure is shared too', () => {
  let count = 0
  const pending: (() => void)[] = []
  const lookup = shareLookups((_name, callback) => {
    count++
    pending.push(() => callback(new Error(`failure ${count}`), []))
  })
  const failures: (string | undefined)[] = []
  const ask = () => lookup('a.example', (error) => failures.push(error?.message))
  ask()
  ask()
  pending.pop()?.()
  ask()
  pending.pop()?.()
  expect(failures).toEqual(['failure 1', 'failure 1', 'failure 2'])
})

test('many posts to a name whose server hangs wait for one look-up, and others do not wait for it', async () => {
  const names = slowNames()
  const outbound = createOutbound({
    allowCidrs: ['127.0.0.0/8'],
    deadlineMs: 10_000,
    lookup: (name, callback) =>
      name === 'fine.example'
        ? setImmediate(callback, null, [{ address: '93.184.216.34', family: 4 }])
        : names.lookup(name, callback),
  })
  using watch = watchConnections()
  const hanging = Array.from({ length: 50 }, () => outbound.post('http://hangs.example/', parcel))
  expect((await outbound.post('http://fine.example/', parcel)).error).toBe('refused')
  expect(names.asked).toEqual(['hangs.example'])
  names.answer(publicAddress)
  expect(new Set((await Promise.all(hanging)).map(({ error }) => error))).toEqual(new Set(['refused']))
  expect(watch.attempts).toHaveLength(1 + hanging.length)
  await outbound.close()
})

test('an answer that is shared is judged for each of those who asked', async () => {
  const names = slowNames()
  const outbound = createOutbound({ allowCidrs: [], deadlineMs: 10_000, lookup: names.lookup })
  using watch = watchConnections()
  const refusal = outbound.refusal('http://bad.example/')
  const posts = Array.from({ length: 20 }, () => outbound.post('http://bad.example/', parcel))
  names.answer(publicAddress, '127.0.0.1')
  expect(await refusal).toContain('WEBHOOK_ALLOW_CIDRS')
  expect(new Set((await Promise.all(posts)).map(({ error }) => error))).toEqual(new Set(['blocked']))
  expect(names.asked).toEqual(['bad.example'])
  expect(watch.attempts).toEqual([])
  await outbound.close()
})
