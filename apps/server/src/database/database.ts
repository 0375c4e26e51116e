import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'
import { isDatabaseAway } from './away.ts'
import type { Tables } from './tables.ts'

/** The pool, or a transaction on it. */
export type Database = Kysely<Tables>

const connectTimeoutMs = 1500
/** Keeps an answer within 5 seconds when the database is gone. */
const requestTimeoutMs = 3000
/** An answer is waited for a little longer than the server's own limit, so that only a lost connection meets this. */
const answerGraceMs = 300

/** Opens a pool with a limit for each statement, a request's unless told; connections are made when needed, and a lost one is replaced by the next query. */
export function openDatabase(url: string, log: Logger, statementTimeoutMs = requestTimeoutMs): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 16,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + answerGraceMs,
    idle_in_transaction_session_timeout: 20_000,
    application_name: 'rtcstack',
    keepAlive: true,
  })
  pool.on('error', (error) => log.warn({ err: error }, 'idle database connection lost'))
  // A connection that breaks in use tells its query, and also this event, which would end the process unheard.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ err: error }, 'database connection lost')),
  )
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withoutLostConnections(pool) }) })
}

/** A pool that does not take back a connection whose query was never answered: the next one would wait on it as well. */
function withoutLostConnections(pool: pg.Pool): PostgresPool {
  return {
    connect: async () => {
      const client = await pool.connect()
      let lost: Error | undefined
      return {
        query: async (...query: Parameters<PostgresPoolClient['query']>) => {
          try {
            return await Reflect.apply(client.query, client, query)
          } catch (error) {
            if (isDatabaseAway(error)) lost = error as Error
            throw error
          }
        },
        release: () => client.release(lost),
      } as unknown as PostgresPoolClient
    },
    end: () => pool.end(),
    options: pool.options,
  }
}
