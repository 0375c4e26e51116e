import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { superviseProgram } from './supervised-program.ts'

export interface StartServerOptions {
  /** Settings beside or instead of those that the kit chooses. */
  env?: Record<string, string>
  /** Folder to keep everything in; it survives `stop`. A fresh one that does not, unless given. */
  dataDirectory?: string
  /** User cache that livekit-server is looked for in and built into; the user's own unless given. */
  cacheDirectory?: string
  /** 60 000 unless told. */
  readyTimeoutMs?: number
}

/** The product, running as its own process. */
export interface RunningServer {
  /** Origin of the API, such as `http://127.0.0.1:23456`; the same after a restart. */
  readonly url: string
  readonly apiSecret: string
  readonly dataDirectory: string
  /** Process id; another after a restart. */
  readonly pid: number
  /** What it printed, the last million characters, restarts included. */
  output(): string
  /**
   * SIGTERM, SIGKILL after 20 s; resolves to the exit code, null when a signal ended it. Rejects when a process that
   * the server started is left, unless the server was killed before. Calling it again does nothing.
   */
  stop(): Promise<number | null>
  /** SIGKILL of the server process alone, as a crash would. */
  kill(): Promise<void>
  /** Stops it unless it was killed, and starts it again with the same settings, ports and data. */
  restart(): Promise<void>
  /** Ids of all processes that the server started, those that started others included. */
  childPids(): Promise<number[]>
  [Symbol.asyncDispose](): Promise<void>
}

const mainFile = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url))

/** Starts the real product on free loopback ports and resolves when GET /readyz says 200. */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const ownDirectory = options.dataDirectory ? undefined : await mkdtemp(join(tmpdir(), 'rtcstack-test-'))
  const dataDirectory = options.dataDirectory ?? ownDirectory ?? ''
  const env = {
    ...inheritedEnv(),
    ...(options.cacheDirectory && { XDG_CACHE_HOME: options.cacheDirectory }),
    HOST: '127.0.0.1',
    DATA_DIR: dataDirectory,
    API_SECRET: randomBytes(32).toString('hex'),
    ...(await freePorts()),
    ...options.env,
  }
  const url = `http://${env.HOST}:${env.PORT}`
  const program = superviseProgram({
    command: [process.execPath, mainFile],
    env,
    ready: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })).status === 200,
    readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
  })
  const removeOwnDirectory = async () => {
    if (!ownDirectory) return
    for (const directory of [await clusterOfRoot(ownDirectory), ownDirectory])
      if (directory) await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
  let stopped: Promise<number | null> | undefined
  const stop = () => {
    stopped ??= program.stop().finally(removeOwnDirectory)
    return stopped
  }
  await program.start().catch(async (error) => {
    await removeOwnDirectory()
    throw error
  })
  return {
    url,
    apiSecret: env.API_SECRET.split(',')[0] ?? '',
    dataDirectory,
    get pid() {
      return program.pid
    },
    output: program.output,
    stop,
    kill: program.kill,
    restart: async () => {
      if (stopped) throw new Error('a stopped server cannot be restarted: its data are gone')
      if (program.running) await program.stop()
      await program.start()
    },
    childPids: program.childPids,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

/** Where root's PostgreSQL keeps its cluster, as that user cannot read root's data directory; undefined for others. */
export async function clusterOfRoot(dataDirectory: string): Promise<string | undefined> {
  const file = join(dataDirectory, 'postgres', 'cluster-name')
  const name = (await readFile(file, 'utf8').catch(() => '')).trim()
  return /^[0-9a-f]{16}$/.test(name) ? join('/var/lib/rtcstack/clusters', name) : undefined
}

async function freePorts(): Promise<{ PORT: string; RTMP_PORT: string; LIVEKIT_UDP_PORT: string }> {
  const port = await freeTcpPort()
  let rtmpPort = await freeTcpPort()
  while (rtmpPort === port) rtmpPort = await freeTcpPort()
  return { PORT: `${port}`, RTMP_PORT: `${rtmpPort}`, LIVEKIT_UDP_PORT: `${await freeUdpPort()}` }
}

// Settings of whoever runs the tests must not reach the server; what its tools need to find and fetch things must.
const inherited =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TZ|TMPDIR|XDG_CACHE_HOME|GO[A-Z0-9]+|CGO_ENABLED|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i

function inheritedEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => inherited.test(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}
