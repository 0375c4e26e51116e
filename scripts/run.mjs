// Runs one of our programs on the pinned Node, after installing what package-lock.json names and is missing.
// This file alone must run on the machine's own Node, so it is plain JavaScript and imports nothing of ours.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const nodeBinary = join(root, 'node_modules', 'node', 'bin', 'node')
const progressEveryMs = 3000
const stampFile = join(root, 'node_modules', '.rtcstack-installed')

const args = process.argv.slice(2)
// A checkout that has the development tools keeps them.
const runtimeOnly =
  (args[0]?.startsWith('apps/') ?? false) && !existsSync(join(root, 'node_modules', 'vitest'))

await install(runtimeOnly)
launch(args)

/** Runs `npm ci` unless this lock file is installed already; a full install serves every program. */
async function install(withoutDevelopment) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (
    existsSync(nodeBinary) &&
    (installed === `${lock} all` || (withoutDevelopment && installed === `${lock} runtime`))
  )
    return
  const what = `npm packages${withoutDevelopment ? '' : ' (with development tools)'}`
  process.stderr.write(`Installing ${what} …\n`)
  const startedAt = Date.now()
  const progress = setInterval(() => {
    process.stderr.write(`Installing ${what}: ${Math.round((Date.now() - startedAt) / 1000)} s\n`)
  }, progressEveryMs)
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', ...(withoutDevelopment ? ['--omit=dev'] : [])]
  const npm = spawn('npm', ['ci', ...flags], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = await once(npm, 'exit')
  clearInterval(progress)
  if (code !== 0) {
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
    // Names are looked up in these: of four, a few webhooks whose name servers hang would leave none to the others.
    UV_THREADPOOL_SIZE: '32',
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
