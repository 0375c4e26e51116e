import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { freePort, requireFreeUdpPort } from '../process/ports.ts'
import { supervise } from '../process/supervise.ts'
import { type ServerConfigOptions, serverConfig } from './server-config.ts'

/** A livekit-server of ours. */
export interface ManagedLiveKit {
  /** Its loopback address; the same after a restart. */
  readonly url: string
  close(): Promise<void>
}

export interface ManagedLiveKitOptions extends Omit<ServerConfigOptions, 'port'> {
  /** Path of the program. */
  binary: string
  dataDirectory: string
  log: Logger
  /** Gives up the start. */
  signal?: AbortSignal
}

/** Starts livekit-server as a child and keeps it running. Throws when it does not start, or its UDP port is taken. */
export async function startManagedLiveKit(options: ManagedLiveKitOptions): Promise<ManagedLiveKit> {
  const { binary, dataDirectory, log, signal, ...rest } = options
  const directory = join(dataDirectory, 'livekit')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const configFile = join(directory, 'config.yaml')
  let port: number | undefined
  const url = () => `http://127.0.0.1:${port}`
  const child = await supervise({
    name: 'livekit-server',
    // Ports are looked at here, as only now an orphan that held them has been ended.
    command: async () => {
      await requireFreeUdpPort('LIVEKIT_UDP_PORT', rest.udpPort, rest.publicHost ? '0.0.0.0' : '127.0.0.1')
      port ??= await freePort(await portOfLastTime(configFile))
      // JSON is YAML.
      const config = `${JSON.stringify(serverConfig({ ...rest, port }), null, 2)}\n`
      await writeFile(configFile, config, { mode: 0o600 })
      return { file: binary, args: ['--config', configFile] }
    },
    pidFile: join(directory, 'livekit.pid'),
    marker: configFile,
    ready: (signal) => untilAnswering(url(), signal),
    readyTimeoutMs: 15_000,
    // On SIGTERM LiveKit waits until the last caller has left, however long that is. A second one would tell callers that
    // their call is over; the kill after the limit does not, so they come back by themselves when LiveKit is there again.
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 2000,
    log,
    signal,
  })
  return { url: url(), close: () => child.close() }
}

/** The port of the last start: clients that are told of it find it again. */
async function portOfLastTime(configFile: string): Promise<number> {
  try {
    const { port } = JSON.parse(await readFile(configFile, 'utf8')) as { port: number }
    return port
  } catch {
    return 0
  }
}

async function untilAnswering(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(url, { signal }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
