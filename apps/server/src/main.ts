import { readFileSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { compose } from './compose.ts'
import { localOrigin, readConfig } from './config.ts'
import { openDataDirectory } from './process/data-directory.ts'
import { requireFreePort } from './process/listening.ts'
import { onParentGone } from './process/parent.ts'

const startedAt = performance.now()

try {
  await main()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`RTCstack could not start:\n${message}\n`)
  process.exit(1)
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const version = readVersion()
  const log = createLog(config.LOG_LEVEL)
  await requireFreePort(config.HOST, config.PORT)
  const dataDirectory = await openDataDirectory(config.DATA_DIR)
  const ending = new AbortController()
  const composing = compose({
    config,
    dataDirectory: dataDirectory.path,
    version,
    log,
    signal: ending.signal,
  })
  const close = async () => {
    await composing.then((composition) => composition.close()).catch(() => undefined)
    await dataDirectory.close()
  }
  endOnce(log, async () => {
    ending.abort(new Error('told to end'))
    await close()
  })
  try {
    const { app } = await composing
    if (ending.signal.aborted) return
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    if (ending.signal.aborted) return
    await close()
    throw error
  }
  const url = localOrigin(config)
  const readyAfterMs = Math.round(performance.now() - startedAt)
  log.info({ url, docs: `${url}/docs`, dataDirectory: dataDirectory.path, readyAfterMs }, 'ready')
}

/** Ends the process when it is told to, when the npm above it has gone, or at a fault that nobody caught. */
function endOnce(log: Logger, close: () => Promise<void>): void {
  let ending = false
  const end = async (reason: string, exitCode = 0) => {
    // A terminal's Ctrl-C comes twice, from itself and from npm; each step of the end has a limit, so none needs a second.
    if (ending) return
    ending = true
    log.info({ reason }, 'ending')
    await close()
    process.exit(exitCode)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal))
  // Under nohup the terminal may go, and a handler of ours would undo that.
  if (process.stdout.isTTY) process.on('SIGHUP', () => end('SIGHUP'))
  onParentGone(() => end('the npm that started this has gone'))
  // The process is in an unknown state then: it ends, but not without its children.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught fault')
    end('an uncaught fault', 1)
  })
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** JSON lines, or lines for people at a terminal; credentials never. */
function createLog(level: string) {
  const redact = [
    'apiKey',
    'apiSecret',
    'token',
    'secret',
    '*.apiKey',
    '*.apiSecret',
    '*.token',
    '*.secret',
    'headers.authorization',
    'headers["x-api-key"]',
  ]
  if (!process.stdout.isTTY) return pino({ level, redact })
  return pino({
    level,
    redact,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' } },
  })
}
