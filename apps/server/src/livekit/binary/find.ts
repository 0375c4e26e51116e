import { delimiter, join } from 'node:path'
import type { Logger } from 'pino'
import { cachedFile, isExecutable, type Make, makeInCache, outputOfVersion } from './cache.ts'
import { buildWithGo } from './go-build.ts'
import { downloadRelease } from './release.ts'

/** The livekit-server that is downloaded or built; deploy/tools/go.mod pins the same. */
export const liveKitVersion = '1.13.5'
const oldestVersion = [1, 9, 1]
const program = 'livekit-server'
const goTool = { name: program, mainPackage: 'github.com/livekit/livekit-server/cmd/server' }

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
  const cached = cachedFile(program, liveKitVersion, places.cacheDirectory)
  const folders = path.split(delimiter).filter(Boolean)
  for (const file of [...folders.map((folder) => join(folder, program)), cached])
    if (await isUsable(file, log)) return file
  const ways: [string, Make][] = [
    [
      'download',
      (file) =>
        downloadRelease({ file, log, signal, baseUrl: places.releaseBaseUrl, version: liveKitVersion }),
    ],
    ['build with Go', (file) => buildWithGo({ tool: goTool, file, log, signal, path })],
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

/** Such as `1.13.5`; undefined when it does not run. */
async function versionOf(file: string): Promise<string | undefined> {
  return /\d+\.\d+\.\d+/.exec((await outputOfVersion(file)) ?? '')?.[0]
}

function isRecentEnough(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, oldest] of oldestVersion.entries()) {
    const part = parts[index] ?? 0
    if (part !== oldest) return part > oldest
  }
  return true
}

const missingMessage = (reasons: string[]) => `There is no livekit-server here, and none could be made:
${reasons.join('\n')}

Install it, and start again:
  macOS     brew install livekit
  Linux     curl -sSL https://get.livekit.io | bash
  Windows   https://github.com/livekit/livekit/releases
  any       Go 1.26 or later (https://go.dev/dl), which RTCstack then builds it with
Or set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a LiveKit of yours.`
