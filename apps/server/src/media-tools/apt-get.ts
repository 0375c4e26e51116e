import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'

const progressEveryMs = 3000
/** Another run of apt-get may hold the lock; this long it is waited for. */
const lockWaitSeconds = 300
const toldLines = 10

export interface AptGetOptions {
  log: Logger
  /** Folders to look for apt-get in. */
  path: string
  signal: AbortSignal | undefined
}

/**
 * Runs apt-get and tells its last line every few seconds. When the signal aborts it is waited for no more, but goes on: it
 * is in a group of its own and writes to a file, since a package that is half unpacked would be in the way of all others.
 */
export async function aptGet(args: string[], { log, path, signal }: AptGetOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcstack-apt-get-'))
  const outputFile = join(folder, 'output')
  const output = await open(outputFile, 'w')
  const lastLines = async (count: number) =>
    (await readFile(outputFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-count).join('\n')
  const progress = setInterval(async () => {
    log.info({ aptGet: await lastLines(1) }, 'installing with apt-get')
  }, progressEveryMs)
  try {
    const child = spawn('apt-get', [`-oDPkg::Lock::Timeout=${lockWaitSeconds}`, ...args], {
      env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      stdio: ['ignore', output.fd, output.fd],
      detached: true,
    })
    child.unref()
    const [code] = (await once(child, 'exit', signal && { signal })) as [number | null]
    if (code !== 0) throw new Error(`apt-get ${args[0]} failed:\n${await lastLines(toldLines)}`)
  } finally {
    clearInterval(progress)
    await output.close()
    await rm(folder, { recursive: true, force: true })
  }
}
