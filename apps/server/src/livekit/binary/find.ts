import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir, platform } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import { buildWithGo } from './go-build.ts'
import { downloadRelease } from './release.ts'

/** The livekit-server that is downloaded or built; deploy/tools/go.mod pins the same. */
export const liveKitVersion = '1.13.5'
const oldestVersion = [1, 9, 1]
const program = 'livekit-server'

/** A way of making the program at a path, in a folder of its own; throws when this way is closed. */
type Make = (file: string) => Promise<void>

export interface FindOptions {
  log: Logger
  signal?: AbortSignal
  /** As the variable: folders to look in, and to find Go in. */
  path?: string
  cacheDirectory?: string
  releaseBaseUrl?: string
}

/** Thrown when there is no livekit-server and no way to get one; the message says how to install it. */
export class LiveKitServerMissingError extends Error {
  override name = 'LiveKitServerMissingError'
}

/** Path of a livekit-server that runs: from the PATH, the cache, LiveKit's releases, or built with Go. */
export async function findLiveKitServer({ log, signal, ...places }: FindOptions): Promise<string> {
  const path = places.path ?? process.env.PATH ?? ''
  const cached = join(
    places.cacheDirectory ?? userCache(),
    `${program}-${liveKitVersion}-${platform()}-${process.arch}`,
    program,
  )
  const folders = path.split(delimiter).filter(Boolean)
  for (const file of [...folders.map((folder) => join(folder, program)), cached])
    if (await isUsable(file, log)) return file
  const ways: [string, Make][] = [
    [
      'download',
      (file) =>
        downloadRelease({ file, log, signal, baseUrl: places.releaseBaseUrl, version: liveKitVersion }),
    ],
    ['build with Go', (file) => buildWithGo({ file, log, signal, path })],
  ]
  const reasons: string[] = []
  for (const [way, make] of ways) {
    try {
      await makeInCache(cached, make)
      return cached
    } catch (error) {
      signal?.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      log.info({ way, reason }, 'no livekit-server this way')
      reasons.push(`  ${way}: ${reason}`)
    }
  }
  throw new LiveKitServerMissingError(missingMessage(reasons))
}

/** Whether a program is there, runs and is recent enough; one that is there in vain is told. */
async function isUsable(file: string, log: Logger): Promise<boolean> {
  if (!(await isExecutable(file))) return false
  const version = await versionOf(file)
  if (version === undefined) log.warn({ file }, 'this livekit-server does not run; looking on')
  else if (isRecentEnough(version)) {
    log.info({ file, version }, 'found livekit-server')
    return true
  } else
    log.warn({ file, version, oldest: oldestVersion.join('.') }, 'this livekit-server is too old; looking on')
  return false
}

/**
 * What is made appears in the cache whole or not at all. Each maker has a folder of its own, so of two servers that start
 * at once both make it, and the last one's stays.
 */
async function makeInCache(cached: string, make: Make): Promise<void> {
  await mkdir(dirname(cached), { recursive: true })
  const folder = await mkdtemp(join(dirname(cached), 'new-'))
  const draft = join(folder, program)
  try {
    await make(draft)
    if ((await versionOf(draft)) === undefined) throw new Error('what it gave does not run on this system')
    await rename(draft, cached)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isExecutable = (file: string) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

/** What `--version` prints, such as `1.13.5`; undefined when it does not run. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 })
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0]
  } catch {
    return undefined
  }
}

function isRecentEnough(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, oldest] of oldestVersion.entries()) {
    const part = parts[index] ?? 0
    if (part !== oldest) return part > oldest
  }
  return true
}

function userCache(): string {
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'rtcstack')
  return platform() === 'darwin'
    ? join(homedir(), 'Library/Caches/rtcstack')
    : join(homedir(), '.cache', 'rtcstack')
}

const missingMessage = (reasons: string[]) => `There is no livekit-server here, and none could be made:
${reasons.join('\n')}

Install it, and start again:
  macOS     brew install livekit
  Linux     curl -sSL https://get.livekit.io | bash
  Windows   https://github.com/livekit/livekit/releases
  any       Go 1.26 or later (https://go.dev/dl), which RTCstack then builds it with
Or set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a LiveKit of yours.`
