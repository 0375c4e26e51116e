import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningServer } from '@rtcstack/testkit'
import pg from 'pg'

/** A database of its own in a test server's managed PostgreSQL, which leaves it alone. */
export interface LentDatabase {
  /** Its address for a role of that name: PostgreSQL tells by it who holds a lock. */
  urlOf(role: string): string
  /** Runs a statement and resolves to its rows. */
  query(text: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** Makes a database and roles that may do anything with it: what only the operator of the machine can do. */
export async function lendDatabase(server: RunningServer, roles: string[]): Promise<LentDatabase> {
  const address = await addressOf(server)
  const name = `lent_${randomBytes(4).toString('hex')}`
  const password = randomBytes(16).toString('hex')
  const operator = new pg.Client({ connectionString: `${address}/postgres` })
  await operator.connect()
  await operator.query(`create database ${name}`)
  for (const role of roles) await operator.query(`create role ${role} superuser login password '${password}'`)
  await operator.end()
  const client = new pg.Client({ connectionString: `${address}/${name}` })
  await client.connect()
  return {
    urlOf(role) {
      const url = new URL(`${address}/${name}`)
      url.username = role
      url.password = password
      return url.href
    },
    query: async (text) => (await client.query(text)).rows,
    close: () => client.end(),
  }
}

/** The password is in the data directory, and the port in the command line. */
async function addressOf({ dataDirectory }: RunningServer): Promise<string> {
  const read = (...path: string[]) => readFile(join(...path), 'utf8')
  const password = await read(dataDirectory, 'postgres-password')
  const pid = await read(dataDirectory, 'postgres', 'postgres.pid')
  const words = (await read('/proc', pid.trim(), 'cmdline')).split('\0')
  return `postgres://postgres:${password.trim()}@127.0.0.1:${words[words.indexOf('-p') + 1]}`
}
