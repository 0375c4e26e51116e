import { expect, test } from 'vitest'
import { activeBan, isRevoked, type Standing } from './standing.ts'

const kickedAt = new Date('2026-01-01T12:00:00.500Z')
const standing: Standing = { epoch: 7, kickedAt, bannedUntil: new Date('2026-01-01T13:00:00Z') }
const at = (time: string) => new Date(`2026-01-01T${time}Z`)

test('who was never kicked is never refused', () => {
  expect(isRevoked({ epoch: '0', issuedAt: at('11:00:00') }, undefined)).toBe(false)
  expect(activeBan(undefined, at('12:30:00'))).toBeUndefined()
})

test('a token that does not know the last kick is void, whatever time it shows', () => {
  expect(isRevoked({ epoch: '0', issuedAt: at('12:30:00') }, standing)).toBe(true)
  expect(isRevoked({ epoch: '6', issuedAt: at('12:30:00') }, standing)).toBe(true)
})

test('a token issued after the kick stands, even within the same second', () => {
  expect(isRevoked({ epoch: '7', issuedAt: at('12:00:00') }, standing)).toBe(false)
})

test.each(['x', '8', '1e99', 'Infinity', ''])('the epoch %j, which we never gave, is void', (epoch) => {
  expect(isRevoked({ epoch, issuedAt: at('12:30:00') }, standing)).toBe(true)
})

test('a token of others is judged by its time', () => {
  expect(isRevoked({ epoch: undefined, issuedAt: at('12:00:00') }, standing)).toBe(true)
  expect(isRevoked({ epoch: undefined, issuedAt: at('12:00:01') }, standing)).toBe(false)
})

test('a ban holds until it ends, and for ever when it has no end', () => {
  expect(activeBan(standing, at('12:59:59'))).toEqual({ until: standing.bannedUntil })
  expect(activeBan(standing, at('13:00:00'))).toBeUndefined()
  expect(activeBan({ ...standing, bannedUntil: null }, at('23:00:00'))).toEqual({ until: null })
})
