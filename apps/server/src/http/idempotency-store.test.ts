import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createIdempotencyStore, forgetExpiredKeys } from './idempotency-store.ts'

const fixture = useDatabase()
const store = () => createIdempotencyStore(fixture.database)
const request = Buffer.from('request')
const answer = { status: 201, sealed: Buffer.from('answer') }

test('of many at once one gets the key, and the others are told that it runs', async () => {
  const claims = await Promise.all(Array.from({ length: 30 }, () => store().claim('s', 'many', request)))
  expect(claims.filter(({ state }) => state === 'new')).toHaveLength(1)
  expect(claims.filter(({ state }) => state === 'running')).toHaveLength(29)
})

test('an answered key gives its answer, to the same request of the same caller only', async () => {
  await store().claim('s', 'done', request)
  await store().complete('s', 'done', answer)
  expect(await store().claim('s', 'done', request)).toEqual({ state: 'answered', answer })
  expect(await store().claim('s', 'done', Buffer.from('other'))).toEqual({ state: 'other-request' })
  expect(await store().claim('another caller', 'done', request)).toEqual({ state: 'new' })
})

test('a released key is free', async () => {
  await store().claim('s', 'released', request)
  await store().release('s', 'released')
  expect(await store().claim('s', 'released', request)).toEqual({ state: 'new' })
})

test('a key whose process has died can be taken over when its time is over', async () => {
  await store().claim('s', 'died', request)
  expect(await store().claim('s', 'died', request)).toEqual({ state: 'running' })
  await sql`update idempotency_keys set running_until = now() - interval '1 second' where key = 'died'`.execute(
    fixture.database,
  )
  expect(await store().claim('s', 'died', request)).toEqual({ state: 'new' })
})

test('after a day a key is forgotten', async () => {
  await store().claim('s', 'old', request)
  await store().complete('s', 'old', answer)
  await sql`update idempotency_keys set expires_at = now() - interval '1 second' where key = 'old'`.execute(
    fixture.database,
  )
  expect(await store().claim('s', 'old', Buffer.from('other'))).toEqual({ state: 'new' })
  await sql`update idempotency_keys set expires_at = now() - interval '1 second'`.execute(fixture.database)
  await forgetExpiredKeys(fixture.database)
  expect(await fixture.database.selectFrom('idempotency_keys').selectAll().execute()).toEqual([])
})
