import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { makeSecret, secretKey } from './secret.ts'

const keyOf = (bytes: number) => Buffer.alloc(bytes, 0xfb)
const secretOf = (bytes: number) => `whsec_${keyOf(bytes).toString('base64')}`

test.each([24, 25, 26, 32, 63, 64])('whsec_ and base64 of %i bytes stands for these', (bytes) => {
  const secret = secretOf(bytes)
  expect(secretKey(secret)).toEqual(keyOf(bytes))
  expect(secretKey(secret.replace(/=+$/, ''))).toEqual(keyOf(bytes))
})

test.each([0, 1, 16, 23, 65, 512])('whsec_ and base64 of %i bytes is refused', (bytes) => {
  expect(secretKey(secretOf(bytes))).toBeUndefined()
})

test.each([
  ['a character that is none of base64', `${secretOf(32).slice(0, -2)}!=`],
  ['a space in it', secretOf(32).replace('whsec_', 'whsec_ ')],
  ['a space behind it', `${secretOf(24)} `],
  ['a line break in it', `${secretOf(24).slice(0, 20)}\n${secretOf(24).slice(20)}`],
  ['the URL alphabet', secretOf(24).replaceAll('+', '-').replaceAll('/', '_')],
  ['too much padding', `${secretOf(24)}=`],
  ['too little padding', secretOf(25).replace('==', '=')],
  ['padding in the middle', `whsec_${keyOf(25).toString('base64')}${keyOf(24).toString('base64')}`],
  ['bits beyond the last byte', `${secretOf(25).replace(/.==$/, 'x==')}`],
  ['text that is no base64', 'whsec_my secret that is long enough for anyone'],
])('whsec_ with %s is refused, not guessed at', (_what, secret) => {
  expect(secretKey(secret)).toBeUndefined()
})

test.each([
  'my secret with spaces in it',
  'x'.repeat(24),
  'x'.repeat(512),
  'WHSEC_is-not-the-prefix-of-ours',
  ` ${secretOf(24)}`,
  'ключ из двенадцати',
])('other text of 24 bytes or more is the key itself: %j', (secret) => {
  expect(secretKey(secret)).toEqual(Buffer.from(secret))
})

test.each(['', 'short', 'password', 'my secret', 'x'.repeat(23), 'whsec_', 'ключ ключ 1'])(
  'other text of less is refused: %j',
  (secret) => {
    expect(secretKey(secret)).toBeUndefined()
  },
)

test('a secret of our own is 32 random bytes, and every library takes it as we do', () => {
  const secrets = Array.from({ length: 100 }, makeSecret)
  expect(new Set(secrets).size).toBe(secrets.length)
  for (const secret of secrets) {
    const key = secretKey(secret)
    expect(key).toHaveLength(32)
    const at = new Date()
    expect(new Webhook(secret).sign('id', at, 'body')).toBe(
      new Webhook(key ?? '', { format: 'raw' }).sign('id', at, 'body'),
    )
  }
})
