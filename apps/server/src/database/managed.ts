import { execFile } from 'node:child_process'
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Logger } from 'pino'
import { readOrCreateSecret } from '../process/data-directory.ts'
import { endOrphan } from '../process/orphan.ts'
import { freePort } from '../process/ports.ts'
import { supervise } from '../process/supervise.ts'
import { type PostgresHome, preparePostgresHome } from './postgres-home.ts'

/** A PostgreSQL of ours, on loopback. */
export interface ManagedPostgres {
  /** With its password; the same after a restart. */
  readonly url: string
  close(): Promise<void>
}

export interface ManagedPostgresOptions {
  dataDirectory: string
  log: Logger
  /** Gives up the start. */
  signal?: AbortSignal
}

const databaseName = 'rtcstack'
/** Recovery after a crash may read much of the log again. */
const recoveryLimitMs = 300_000
/** Processes of a killed server hold its memory until they have noticed. */
const releaseLimitMs = 5000

/** Small, since it shares a machine with a media server; safe, since fsync stays on. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_connections: '60',
  max_wal_size: '256MB',
  jit: 'off',
  io_method: 'sync',
  autovacuum_max_workers: '1',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  log_min_messages: 'warning',
}

/** Starts PostgreSQL as a child and keeps it running; the cluster is made at the first start. */
export async function startManagedPostgres(options: ManagedPostgresOptions): Promise<ManagedPostgres> {
  const { dataDirectory, log, signal } = options
  const home = await preparePostgresHome(dataDirectory, log)
  const password = await readOrCreateSecret(dataDirectory, 'postgres-password')
  await makeCluster(home, password, log)
  const postmasterPid = join(home.cluster, 'postmaster.pid')
  // The postmaster writes its own pid; on SIGINT it ends at once and cleanly, on SIGQUIT at once.
  const orphan = await endOrphan({
    pidFile: postmasterPid,
    marker: home.cluster,
    signals: ['SIGINT', 'SIGQUIT', 'SIGKILL'],
    limitMs: 3000,
  })
  if (orphan !== undefined) log.info({ pid: orphan }, 'ended a PostgreSQL that a killed server had left')

  const port = await freePort()
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/${databaseName}`
  const start = () =>
    supervise({
      name: 'postgres',
      command: () => ({
        file: join(home.programs, 'bin', 'postgres'),
        args: [
          '-D',
          home.cluster,
          '-p',
          String(port),
          ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        cwd: dirname(home.cluster),
        env: { LC_ALL: 'C', PATH: process.env.PATH },
        ...home.user,
      }),
      pidFile: join(dataDirectory, 'postgres', 'postgres.pid'),
      marker: home.cluster,
      ready: (signal) => untilConnected(url, signal),
      readyTimeoutMs: recoveryLimitMs,
      stopSignal: 'SIGINT',
      stopTimeoutMs: 8000,
      log,
      signal,
    })
  const child = await retryWhileHeld(start)
  return { url, close: () => child.close() }
}

async function retryWhileHeld<T>(start: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + releaseLimitMs
  for (;;) {
    try {
      return await start()
    } catch (error) {
      if (!(error as Error).message.includes('pre-existing shared memory') || performance.now() > deadline)
        throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** Makes the cluster beside its place and moves it there, so that a half-made one is never used. */
async function makeCluster(home: PostgresHome, password: string, log: Logger): Promise<void> {
  if (await readFile(join(home.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined)) return
  log.info('making the database cluster')
  const draft = `${home.cluster}.new`
  const passwordFile = `${home.cluster}.password`
  await rm(draft, { recursive: true, force: true })
  try {
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (home.user) await chown(passwordFile, home.user.uid, home.user.gid)
    await promisify(execFile)(
      join(home.programs, 'bin', 'initdb'),
      [
        '-D',
        draft,
        '-U',
        'postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      { cwd: dirname(home.cluster), env: { LC_ALL: 'C', PATH: process.env.PATH }, ...home.user },
    )
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(draft, home.cluster)
}

/** Resolves when our database can be connected to, and makes it where it is missing. */
async function untilConnected(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({
      connectionString: url.replace(/\/[^/]*$/, '/postgres'),
      connectionTimeoutMillis: 1000,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query(`create database ${databaseName}`).catch((error: { code?: string }) => {
        if (error.code !== '42P04') throw error
      })
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25))
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}
