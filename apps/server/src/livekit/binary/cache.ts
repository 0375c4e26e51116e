import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir, platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** A way of making a program at a path, in a folder of its own; throws when this way is closed. */
export type Make = (file: string) => Promise<void>

/** Where a program of this version is kept for this system, in the user's cache unless told. */
export const cachedFile = (program: string, version: string, directory = userCache()) =>
  join(directory, `${program}-${version}-${platform()}-${process.arch}`, program)

/**
 * What is made appears in the cache whole or not at all. Each maker has a folder of its own, so of two servers that start
 * at once both make it, and the last one's stays.
 */
export async function makeInCache(cached: string, make: Make): Promise<void> {
  await mkdir(dirname(cached), { recursive: true })
  const folder = await mkdtemp(join(dirname(cached), 'new-'))
  const draft = join(folder, basename(cached))
  try {
    await make(draft)
    if ((await outputOfVersion(draft)) === undefined)
      throw new Error('what it gave does not run on this system')
    await rename(draft, cached)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const isExecutable = (file: string) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

/** What `--version` prints; undefined when it does not run. */
export async function outputOfVersion(file: string): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(file, ['--version'], { timeout: 10_000 })).stdout
  } catch {
    return undefined
  }
}

function userCache(): string {
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'rtcstack')
  return platform() === 'darwin'
    ? join(homedir(), 'Library/Caches/rtcstack')
    : join(homedir(), '.cache', 'rtcstack')
}
