import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { useDatabase } from '../database/testing.ts'
import { createBanStore } from './store.ts'

const fixture = useDatabase()
const store = () => createBanStore(fixture.database)
const ada = { room: 'r', identity: 'ada' }
const bob = { room: 'r', identity: 'bob' }
const timeOf = (date: Date | null | undefined) => date?.getTime() ?? Number.NaN

test('each kick has a higher epoch than every one before, in any room', async () => {
  await store().record(ada, 0)
  await store().record({ room: 'other', identity: 'ada' }, 0)
  await store().record(ada, 0)
  const [here, there] = await store().find([ada, { room: 'other', identity: 'ada' }])
  expect(here?.epoch).toBeGreaterThan(there?.epoch as number)
})

test('standings come in the order that was asked for, with nothing for who was never kicked', async () => {
  await store().record(bob, 60)
  const [unknown, found] = await store().find([{ room: 'r', identity: 'eve' }, bob])
  expect(unknown).toBeUndefined()
  expect(timeOf(found?.bannedUntil) - timeOf(found?.kickedAt)).toBe(60_000)
})

test('a kick without a ban does not shorten one; a ban for ever stays', async () => {
  await store().record(bob, 3600)
  await store().record(bob, 0)
  const [timed] = await store().find([bob])
  expect(timeOf(timed?.bannedUntil)).toBeGreaterThan(Date.now() + 3_500_000)
  await store().record(bob, Number.POSITIVE_INFINITY)
  await store().record(bob, 5)
  expect((await store().find([bob]))[0]?.bannedUntil).toBeNull()
})

test('kicks are forgotten when all tokens from before them have ended and the ban is over', async () => {
  const old = { room: 'old', identity: 'ada' }
  const banned = { room: 'old', identity: 'bob' }
  await store().record(old, 0)
  await store().record(banned, Number.POSITIVE_INFINITY)
  await sql`update bans set kicked_at = now() - interval '26 hours' where room = 'old'`.execute(
    fixture.database,
  )
  await sql`update bans set banned_until = now() - interval '26 hours' where room = 'old' and identity = 'ada'`.execute(
    fixture.database,
  )
  await store().forget()
  expect((await store().find([old, banned])).map((standing) => standing !== undefined)).toEqual([false, true])
  expect(await store().rooms()).toContain('old')
})
