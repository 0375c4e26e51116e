import type { Logger } from 'pino'
import { aptGet } from './apt-get.ts'
import { missingFonts, systemFontFolders } from './fonts.ts'
import { areThere } from './programs.ts'

const programs = ['ffmpeg', 'ffprobe']

export interface MediaToolsOptions {
  log: Logger
  signal?: AbortSignal | undefined
  /** As the variable: folders to look in, also for apt-get. */
  path?: string
  isRoot?: boolean
  fontFolders?: readonly string[] | undefined
}

/**
 * Sees to it that ffmpeg and ffprobe are on the PATH, and fonts for every script: where they are not, installs Debian's, as
 * root on Debian or its kin. Rejects, saying what to install, without ffmpeg; fonts that are missing are only warned of.
 */
export async function provideMediaTools(options: MediaToolsOptions): Promise<void> {
  const { log, signal, path = process.env.PATH ?? '', isRoot = process.getuid?.() === 0 } = options
  const { fontFolders = systemFontFolders } = options
  const hindrance = async () => {
    if (!isRoot) return 'Only root can install packages.'
    return (await areThere(['apt-get'], path)) ? undefined : 'There is no apt-get to install packages with.'
  }
  let updated: Promise<void> | undefined
  const install = async (packages: string[]) => {
    const reason = await hindrance()
    if (reason) throw new Error(reason)
    log.info({ packages }, 'packages are missing: installing them with apt-get, once')
    updated ??= aptGet(['update'], { log, path, signal })
    await updated
    await aptGet(['install', '--yes', '--no-install-recommends', ...packages], { log, path, signal })
  }

  if (!(await areThere(programs, path))) {
    await install(['ffmpeg']).catch((error: Error) => {
      signal?.throwIfAborted()
      throw new Error(withoutFfmpeg(error.message))
    })
    if (!(await areThere(programs, path)))
      throw new Error(withoutFfmpeg('apt-get did not put it on the PATH.'))
  }
  const fonts = await missingFonts(fontFolders, path)
  if (fonts.length === 0) return
  await install(fonts).catch((error: Error) => {
    signal?.throwIfAborted()
    const remedy = `apt-get install ${fonts.join(' ')}, or fonts like these`
    log.warn({ reason: error.message, remedy }, 'fonts are missing: recordings show boxes for some letters')
  })
}

const withoutFfmpeg = (reason: string) => `There is no ffmpeg with ffprobe on the PATH. ${reason}

Install it:
  Debian, Ubuntu   apt-get install ffmpeg
  Fedora           dnf install ffmpeg-free
  macOS            brew install ffmpeg
  Windows          winget install ffmpeg`
