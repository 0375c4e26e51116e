// Makes what is published to npm, in dist/<name>: JavaScript, types, and a package.json that names them.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const packages = ['packages/contract', 'packages/sdk', 'apps/cli']

for (const folder of packages) {
  const source = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >
  const out = join(root, 'dist', String(source.name).split('/').at(-1) as string)
  console.log(`building ${source.name}`)
  rmSync(out, { recursive: true, force: true })
  compile(folder, out)
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(published(source), null, 2)}\n`)
  for (const file of ['LICENSE', join(folder, 'README.md')])
    if (existsSync(join(root, file))) cpSync(join(root, file), join(out, file.split('/').at(-1) as string))
}

function compile(folder: string, out: string): void {
  const project = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, folder, 'src'),
      outDir: out,
    },
    include: [join(root, folder, 'src')],
    exclude: ['**/*.test.ts', '**/testing.ts'].map((pattern) => join(root, folder, pattern)),
  }
  const file = join(root, 'dist', 'tsconfig.json')
  cpSync(join(root, 'tsconfig.json'), file)
  writeFileSync(file, JSON.stringify(project))
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', file], { stdio: 'inherit' })
  rmSync(file)
  if (status !== 0) process.exit(1)
}

function published(source: Record<string, unknown>): Record<string, unknown> {
  const entry = source.bin
    ? { bin: { rtcstack: './main.js' } }
    : { exports: { '.': { types: './index.d.ts', default: './index.js' } } }
  return { ...source, devDependencies: undefined, ...entry }
}
