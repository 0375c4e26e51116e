import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'

interface SessionOptions {
  url: string
  log: Logger
  /** Channels to listen to. */
  channels: string[]
  onNotification: (channel: string, payload: string) => void
  /** Told when listening begins, also again: what was sent before is not told. */
  onListening: () => void
}

const checkEveryMs = 5000
const retryEveryMs = 1000
const queryTimeoutMs = 3000
/** Lets PostgreSQL notice within half a minute that our machine has gone, with the locks we hold. */
const serverKeepalive = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4'

/** A connection of our own that lasts: for what PostgreSQL ties to a connection. */
export interface DatabaseSession {
  /** Whether this process holds the lock of this name, taking it where it is free. It is lost with the connection. */
  lead(name: string): Promise<boolean>
  close(): Promise<void>
}

/** Keeps one connection, made again when it is lost. Notifications sent while it is away are not made up for. */
export function openDatabaseSession(options: SessionOptions): DatabaseSession {
  const { log } = options
  const ending = new AbortController()
  let client: pg.Client | undefined
  const running = run()

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        await hold()
      } catch (error) {
        if (!ending.signal.aborted) log.debug({ err: error }, 'database session lost')
      }
      await pause(retryEveryMs, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  }

  /** Connects, listens and asks for a sign of life now and then; ends when there is none. */
  async function hold(): Promise<void> {
    const connection = await connect(options)
    const lost = new AbortController()
    connection.on('error', (error) => lost.abort(error))
    connection.on('end', () => lost.abort(new Error('the connection ended')))
    const signal = AbortSignal.any([ending.signal, lost.signal])
    client = connection
    try {
      // What is then done may need the connection.
      options.onListening()
      for (;;) {
        await pause(checkEveryMs, undefined, { signal })
        await connection.query('select 1')
      }
    } finally {
      client = undefined
      await connection.end().catch(() => undefined)
    }
  }

  return {
    async lead(name) {
      // A lock that is held already is taken once more, and they all end with the connection.
      const result = await client
        ?.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as leads', [name])
        .catch(() => undefined)
      return result?.rows[0]?.leads === true
    },
    async close() {
      ending.abort()
      await running
    },
  }
}

async function connect({ url, channels, onNotification }: SessionOptions): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: queryTimeoutMs,
    query_timeout: queryTimeoutMs,
    application_name: 'rtcstack session',
    keepAlive: true,
    options: serverKeepalive,
  })
  client.on('error', () => undefined)
  await client.connect()
  client.on('notification', ({ channel, payload }) => onNotification(channel, payload ?? ''))
  for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`)
  return client
}
