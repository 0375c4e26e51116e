import { pino } from 'pino'
import { expect, test } from 'vitest'
import { resealSecrets } from './reseal.ts'
import { createSealing } from './sealing.ts'

const [older, newer, foreign] = ['older', 'newer', 'foreign'].map(
  (name) => `${name} key of 32 characters, or more`,
)

test('what an older key sealed is sealed anew, and what no key opens is left as it is and said', async () => {
  const before = createSealing([older ?? ''])
  const now = createSealing([newer ?? '', older ?? ''])
  const lost = createSealing([foreign ?? '']).seal('c', 'third')
  const kept = new Map([
    ['a', before.seal('a', 'first')],
    ['b', now.seal('b', 'second')],
    ['c', lost],
  ])
  const asItWas = kept.get('b')
  const said: string[] = []
  const store = {
    listSealed: async () => [...kept].map(([id, sealedSecret]) => ({ id, sealedSecret })),
    reseal: async (id: string, _before: Buffer, sealed: Buffer) => kept.set(id, sealed),
  }
  await resealSecrets('ingress', store, now, pino({ level: 'error' }, { write: (line) => said.push(line) }))
  expect(createSealing([newer ?? '']).open('a', kept.get('a') ?? Buffer.alloc(0))).toBe('first')
  expect(kept.get('b')).toBe(asItWas)
  expect(kept.get('c')).toBe(lost)
  expect(said.map((line) => JSON.parse(line))).toMatchObject([{ lost: 1, of: 'ingress' }])
})
