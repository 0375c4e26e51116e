import { expect, it } from 'vitest'
import { readTokenClaims } from './token-claims.ts'

it('reads the claims of a token, names of any script included', () => {
  const claims = { sub: 'zoë', name: '会議', video: { room: 'r', roomJoin: true } }
  const jwt = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`
  expect(readTokenClaims(jwt)).toEqual(claims)
})

it('refuses a text that is no token', () => {
  expect(() => readTokenClaims('nonsense')).toThrow('a JWT has three parts')
  expect(() => readTokenClaims('a.MQ.c')).toThrow('not an object')
})
