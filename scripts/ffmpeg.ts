import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'

const programs = ['ffmpeg', 'ffprobe']
const progressEveryMs = 3000
/** Another run of apt-get may hold the lock; this long it is waited for. */
const lockWaitSeconds = 300
const keptLines = 10

export interface FfmpegOptions {
  log: Logger
  /** As the variable: folders to look in, also for apt-get. */
  path?: string
  isRoot?: boolean
}

/** Sees to it that ffmpeg and ffprobe are on the PATH: where they are not, installs Debian's, as root on Debian or its kin. */
export async function provideFfmpeg(options: FfmpegOptions): Promise<void> {
  const { log, path = process.env.PATH ?? '', isRoot = process.getuid?.() === 0 } = options
  const folders = path.split(delimiter).filter(Boolean)
  if (await areThere(programs, folders)) return
  if (!isRoot) throw new Error(missing('Only root can install it.'))
  if (!(await areThere(['apt-get'], folders)))
    throw new Error(missing('There is no apt-get to install it with.'))
  log.info('ffmpeg is missing: installing it with apt-get, once')
  try {
    await aptGet(['update'], path, log)
    await aptGet(['install', '--yes', '--no-install-recommends', 'ffmpeg'], path, log)
  } catch (error) {
    throw new Error(missing((error as Error).message))
  }
  if (!(await areThere(programs, folders))) throw new Error(missing('apt-get did not put it on the PATH.'))
}

async function areThere(names: string[], folders: string[]): Promise<boolean> {
  const found = await Promise.all(names.map((name) => isThere(name, folders)))
  return found.every(Boolean)
}

async function isThere(name: string, folders: string[]): Promise<boolean> {
  for (const folder of folders) {
    const isExecutable = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isExecutable) return true
  }
  return false
}

/** Runs apt-get and tells its last line every few seconds. */
async function aptGet(args: string[], path: string, log: Logger): Promise<void> {
  const lines: string[] = []
  const child: ChildProcess = spawn('apt-get', [`-oDPkg::Lock::Timeout=${lockWaitSeconds}`, ...args], {
    env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
    })
  }
  const progress = setInterval(() => log.info({ aptGet: lines.at(-1) }, 'installing ffmpeg'), progressEveryMs)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`apt-get ${args[0]} failed:\n${lines.join('\n')}`)
  } finally {
    clearInterval(progress)
  }
}

const missing = (reason: string) => `There is no ffmpeg with ffprobe on the PATH. ${reason}

Install it, and start again:
  Debian, Ubuntu   apt-get install ffmpeg
  Fedora           dnf install ffmpeg-free
  macOS            brew install ffmpeg
  Windows          winget install ffmpeg`
