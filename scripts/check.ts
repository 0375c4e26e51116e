// Everything that is judged without running the product: types, lint and format, unused code, generated files, the API document.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const checks: [name: string, command: string, ...args: string[]][] = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['lint and format', 'biome', 'check', '--error-on-warnings'],
  ['unused files, exports and dependencies', 'knip'],
  ['generated files', 'node', 'scripts/generate.ts', '--check'],
  ['openapi.json by Redocly', 'redocly', 'lint', 'openapi.json'],
  ['openapi.json by Spectral', 'spectral', 'lint', 'openapi.json', '--fail-severity=warn'],
]

const failed = checks.filter(([name, command, ...args]) => {
  console.log(`\n— ${name}`)
  const result = spawnSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'inherit' })
  return result.status !== 0
})
console.log(
  failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.map(([name]) => name).join(', ')}`,
)
process.exit(failed.length === 0 ? 0 : 1)
