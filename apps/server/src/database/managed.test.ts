import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { chmod, chown, mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { eventually } from '@rtcstack/testkit'
import pg from 'pg'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive } from '../process/orphan.ts'
import { type ManagedPostgres, startManagedPostgres } from './managed.ts'
import { removeCluster } from './testing.ts'

const log = pino({ level: 'silent' })
const isRoot = process.getuid?.() === 0

function isReadableByAll(folder: string): boolean {
  const parent = dirname(folder)
  return (statSync(folder).mode & 0o005) === 0o005 && (parent === folder || isReadableByAll(parent))
}

let directory: string
const opened: ManagedPostgres[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postgres-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
  await removeCluster(directory)
})

async function start(): Promise<ManagedPostgres> {
  const postgres = await startManagedPostgres({ dataDirectory: directory, log })
  opened.push(postgres)
  return postgres
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const postmasterPid = async () => Number(await readFile(join(directory, 'postgres', 'postgres.pid'), 'utf8'))

test('it listens on loopback only, syncs to disk, wants its password and is read by its user only', async () => {
  const { url } = await start()
  const settings = await query(
    url,
    "select name, setting from pg_settings where name in ('listen_addresses', 'fsync', 'data_directory', 'unix_socket_directories', 'server_encoding')",
  )
  const values = Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))
  expect(values).toMatchObject({
    listen_addresses: '127.0.0.1',
    fsync: 'on',
    unix_socket_directories: '',
    server_encoding: 'UTF8',
  })
  expect((await stat(values.data_directory as string)).mode & 0o777).toBe(0o700)
  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow('password')
})

test('rows survive kill -9 of the postmaster, and it comes back by itself at the same address', async () => {
  const { url } = await start()
  await query(url, 'create table kept as select 42 as answer')
  const pid = await postmasterPid()
  process.kill(pid, 'SIGKILL')
  expect(await eventually(() => query(url, 'select answer from kept'), { timeoutMs: 8000 })).toEqual([
    { answer: 42 },
  ])
  expect(await postmasterPid()).not.toBe(pid)
})

/** Starts one in a process of its own, which is then killed. */
async function startAndKillParent(): Promise<number> {
  const script = `const { startManagedPostgres } = await import('${join(import.meta.dirname, 'managed.ts')}');
    const { pino } = await import('pino');
    const { url } = await startManagedPostgres({ dataDirectory: '${directory}', log: pino({ level: 'silent' }) });
    const { default: pg } = await import('pg'); const client = new pg.Client(url); await client.connect();
    await client.query('create table kept as select 42 as answer'); console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  return postmasterPid()
}

test('one that a killed parent left is ended, and its rows are there at the next start', async () => {
  const orphan = await startAndKillParent()
  expect(isAlive(orphan)).toBe(true)
  const startedAt = performance.now()
  const { url } = await start()
  expect(performance.now() - startedAt).toBeLessThan(5000)
  expect(await query(url, 'select answer from kept')).toEqual([{ answer: 42 }])
  expect(await postmasterPid()).not.toBe(orphan)
})

test.runIf(isRoot)('as root, in a folder that only root may read, it runs as its own user', async () => {
  await chmod(directory, 0o700)
  await start()
  const status = await readFile(`/proc/${await postmasterPid()}/status`, 'utf8')
  expect(status).not.toMatch(/^Uid:\t0\t/m)
})

// An ordinary user's checkout is one that it can read.
test.runIf(isRoot && isReadableByAll(import.meta.dirname))(
  'as an ordinary user it keeps everything in the data directory',
  async () => {
    const nobody = 65_534
    await chown(directory, nobody, nobody)
    const script = `const { startManagedPostgres } = await import('${join(import.meta.dirname, 'managed.ts')}');
    const { pino } = await import('pino');
    const postgres = await startManagedPostgres({ dataDirectory: '${directory}', log: pino({ level: 'silent' }) });
    await postgres.close(); console.log('started and closed')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      uid: nobody,
      gid: nobody,
      env: { HOME: directory, PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    await once(child, 'close')
    expect(said).toContain('started and closed')
    expect((await stat(join(directory, 'postgres', 'cluster', 'PG_VERSION'))).uid).toBe(nobody)
  },
)
