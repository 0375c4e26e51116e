import { missingFonts, systemFontFolders } from './fonts.ts'
import { createInstaller, type InstallOptions } from './install.ts'
import { areThere } from './programs.ts'

const programs = ['ffmpeg', 'ffprobe']

export interface MediaToolsOptions extends InstallOptions {
  fontFolders?: readonly string[] | undefined
}

/**
 * Sees to it that ffmpeg and ffprobe are on the PATH, and fonts for every script: where they are not, installs Debian's, as
 * root on Debian or its kin. Rejects, saying what to install, without ffmpeg; fonts that are missing are only warned of.
 */
export async function provideMediaTools(options: MediaToolsOptions): Promise<void> {
  const { log, signal, path = process.env.PATH ?? '', fontFolders = systemFontFolders } = options
  const install = createInstaller(options)

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
