import { expect, test } from 'vitest'
import { createSealing } from './sealing.ts'

test('what is sealed opens for its owner, and nothing of it shows', () => {
  const sealing = createSealing(['first key'])
  const sealed = sealing.seal('wh_1', 'whsec_secret')
  expect(sealing.open('wh_1', sealed)).toBe('whsec_secret')
  expect(sealed.toString('latin1')).not.toContain('secret')
  expect(() => sealing.open('wh_2', sealed)).toThrow()
})

test('a key is changed by putting the new one in front', () => {
  const sealed = createSealing(['old']).seal('wh_1', 's')
  const both = createSealing(['new', 'old'])
  expect(both.open('wh_1', sealed)).toBe('s')
  expect(both.isCurrent(sealed)).toBe(false)
  expect(both.isCurrent(both.seal('wh_1', 's'))).toBe(true)
  expect(createSealing(['new']).open('wh_1', both.seal('wh_1', 's'))).toBe('s')
  expect(() => createSealing(['new']).open('wh_1', sealed)).toThrow('SECRETS_KEY')
})

test('a sealed secret that was changed does not open', () => {
  const sealing = createSealing(['key'])
  const sealed = sealing.seal('wh_1', 's')
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
  expect(() => sealing.open('wh_1', sealed)).toThrow()
})
