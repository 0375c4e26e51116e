// Runs one of our programs on the pinned Node, after installing what package-lock.json names and is missing.
// This file alone must run on the machine's own Node, so it is plain JavaScript and imports nothing of ours.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const nodeBinary = join(root, 'node_modules', 'node', 'bin', 'node')
const stampFile = join(root, 'node_modules', '.rtcstack-installed')

const args = process.argv.slice(2)
const runtimeOnly = args[0]?.startsWith('apps/') ?? false

install(runtimeOnly)
launch(args)

/** Runs `npm ci` unless this lock file is installed already; a full install serves every program. */
function install(withoutDevelopment) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (
    existsSync(nodeBinary) &&
    (installed === `${lock} all` || (withoutDevelopment && installed === `${lock} runtime`))
  )
    return
  process.stderr.write(`Installing npm packages${withoutDevelopment ? '' : ' (with development tools)'} …\n`)
  const result = spawnSync(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(withoutDevelopment ? ['--omit=dev'] : [])],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' },
  )
  if (result.status !== 0) {
    process.stderr.write(
      'npm could not install the packages: see its message above, mend it, and run this again.\n',
    )
    process.exit(1)
  }
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, `${lock} ${withoutDevelopment ? 'runtime' : 'all'}`)
}

/** Becomes the pinned Node where this Node can, and otherwise stands in front of it passing signals on. */
function launch(programArgs) {
  const env = {
    // Keeps what Node compiles and strips of types: a third less memory and a quicker start from the second time on.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
  }
  const argv = ['--disable-warning=ExperimentalWarning', ...programArgs]
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(nodeBinary, [nodeBinary, ...argv], env)
  }
  const child = spawn(nodeBinary, argv, { env, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}
