import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandLineOf, isAlive, readPid } from './orphan.ts'

const maxAttempts = 200
const turnLimitMs = 5000

/** The folder that a server keeps everything in, and that it alone uses. */
export interface DataDirectory {
  /** Absolute, without links. */
  path: string
  /** Lets another server use it. */
  close(): Promise<void>
}

/** Makes the folder, for its owner only, and locks it; throws, naming the other, while another server uses it. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const real = await realpath(path)
  await chmod(real, 0o700)
  const lockFile = join(real, 'server.pid')
  await lock(lockFile, real)
  return { path: real, close: () => rm(lockFile, { force: true }) }
}

/** The lock appears at once with its content (a link to a written file), so nobody ever reads half of it. */
async function lock(lockFile: string, directory: string): Promise<void> {
  const draft = `${lockFile}.${process.pid}`
  await writeFile(draft, `${process.pid}\n${await commandLineOf(process.pid)}\n`, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (await succeeds(link(draft, lockFile))) return
      const holder = await liveHolder(lockFile)
      if (holder !== undefined)
        throw new Error(
          `Another RTCstack (process ${holder}) uses ${directory}: end it, or set DATA_DIR to another folder.`,
        )
      await removeStale(lockFile)
    }
    throw new Error(`The lock ${lockFile} cannot be taken: remove it if no RTCstack uses ${directory}.`)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Removes a dead server's lock. Of several starters one does, so that none removes the lock another has just taken. */
async function removeStale(lockFile: string): Promise<void> {
  const turn = `${lockFile}.turn`
  if (await succeeds(mkdir(turn))) {
    if ((await liveHolder(lockFile)) === undefined) await rm(lockFile, { force: true })
    await rmdir(turn)
    return
  }
  const { mtimeMs } = await stat(turn).catch(() => ({ mtimeMs: Date.now() }))
  if (Date.now() - mtimeMs > turnLimitMs) await rmdir(turn).catch(() => undefined)
  else await new Promise((resolve) => setTimeout(resolve, 20))
}

const succeeds = (action: Promise<unknown>) =>
  action.then(
    () => true,
    () => false,
  )

/** The pid of the lock, when that process lives and is the one that wrote it: pids are used again. */
async function liveHolder(lockFile: string): Promise<number | undefined> {
  const pid = await readPid(lockFile)
  if (pid === undefined || pid === process.pid || !isAlive(pid)) return undefined
  const written = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n')[1]
  return (await commandLineOf(pid)) === written ? pid : undefined
}

/** A secret of 256 bits as text, made at the first call and kept in a file for its owner only. */
export async function readOrCreateSecret(directory: string, name: string): Promise<string> {
  const file = join(directory, name)
  const known = await readSecret(directory, name)
  if (known !== undefined) return known
  const secret = randomBytes(32).toString('base64url')
  await writeFile(`${file}.new`, `${secret}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return secret
}

/** A secret that was made before. */
export async function readSecret(directory: string, name: string): Promise<string | undefined> {
  const text = (await readFile(join(directory, name), 'utf8').catch(() => '')).trim()
  return text === '' ? undefined : text
}
