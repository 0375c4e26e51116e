import { startFaultProxy } from '@rtcstack/testkit'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { migrate, migrateWhenThere } from './migrate.ts'
import { useDatabase } from './testing.ts'

const fixture = useDatabase()
const log = pino({ level: 'silent' })

test('many processes may migrate at once, and again', async () => {
  await Promise.all(Array.from({ length: 5 }, () => migrate(fixture.database)))
  expect(await fixture.database.selectFrom('bans').selectAll().execute()).toEqual([])
})

test('a database that is still starting is waited for', async () => {
  await using proxy = await startFaultProxy({ targetPort: Number(new URL(fixture.url).port) })
  await proxy.set('refuse')
  const url = fixture.url.replace(/:\d+\//, `:${proxy.port}/`)
  const migrating = migrateWhenThere(url, log, AbortSignal.timeout(15_000))
  const database = openDatabase(url, log)
  await expect(migrate(database)).rejects.toThrow('ECONNREFUSED')
  await database.destroy()
  await proxy.set('pass')
  await migrating
})

test('waiting ends when the server is told to end', async () => {
  const migrating = migrateWhenThere('postgres://127.0.0.1:1/nothing', log, AbortSignal.timeout(50))
  await expect(migrating).rejects.toThrow('aborted')
})
