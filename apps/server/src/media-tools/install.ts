import type { Logger } from 'pino'
import { aptGet } from './apt-get.ts'
import { areThere } from './programs.ts'

export interface InstallOptions {
  log: Logger
  signal?: AbortSignal | undefined
  /** As the variable: folders to look for apt-get in. */
  path?: string
  isRoot?: boolean
}

/** Gives what installs packages of Debian's with apt-get, as root on Debian or its kin; elsewhere it rejects, saying why. */
export function createInstaller(options: InstallOptions): (packages: string[]) => Promise<void> {
  const { log, signal, path = process.env.PATH ?? '', isRoot = process.getuid?.() === 0 } = options
  let updated: Promise<void> | undefined
  return async (packages) => {
    if (!isRoot) throw new Error('Only root can install packages.')
    if (!(await areThere(['apt-get'], path))) throw new Error('There is no apt-get to install packages with.')
    log.info({ packages }, 'packages are missing: installing them with apt-get, once')
    updated ??= aptGet(['update'], { log, path, signal })
    await updated
    await aptGet(['install', '--yes', '--no-install-recommends', ...packages], { log, path, signal })
  }
}
