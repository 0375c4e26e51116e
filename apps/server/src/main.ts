import { readFileSync } from 'node:fs'
import { pino } from 'pino'
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
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const log = createLog(config.LOG_LEVEL)
  const ending = new AbortController()
  await requireFreePort(config.HOST, config.PORT)
  const dataDirectory = await openDataDirectory(config.DATA_DIR)
  const composing = compose({
    config,
    dataDirectory: dataDirectory.path,
    version,
    log,
    signal: ending.signal,
  })

  const end = async (reason: string) => {
    // A terminal's Ctrl-C comes twice, from itself and from npm; each step of the end has a limit, so none needs a second.
    if (ending.signal.aborted) return
    log.info({ reason }, 'ending')
    ending.abort(new Error('told to end'))
    await composing.then((composition) => composition.close()).catch(() => undefined)
    await dataDirectory.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end(signal))
  onParentGone(() => end('the npm that started this has gone'))

  try {
    const { app } = await composing
    if (ending.signal.aborted) return
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    if (ending.signal.aborted) return
    await composing.then((composition) => composition.close()).catch(() => undefined)
    await dataDirectory.close()
    throw error
  }
  log.info(
    {
      url: localOrigin(config),
      docs: `${localOrigin(config)}/docs`,
      readyAfterMs: Math.round(performance.now() - startedAt),
    },
    'ready',
  )
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
